#include "server/target.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace errand {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_character_bytes(text.substr(at));
    if (length == 0)
      return false;
    at += length;
  }
  return true;
}

enum class Part { path, query };

/// An escaped slash in a path is refused: it would be a segment to us and none to a proxy.
std::optional<std::string> decode(std::string_view text, Part part) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      const int high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
      if (high < 0 || low < 0)
        return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      at += 2;
      if (c == '/' && part == Part::path)
        return std::nullopt;
    } else if (c == '+' && part == Part::query) {
      c = ' ';
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      return std::nullopt;
    decoded.push_back(c);
  }
  if (!is_utf8(decoded))
    return std::nullopt;
  return decoded;
}

bool has_dot_segment(std::string_view path) {
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..")
      return true;
    begin = end + 1;
  }
  return false;
}

bool add_query(std::string_view pair, std::map<std::string, std::string>& query) {
  const std::size_t equals = std::min(pair.find('='), pair.size());
  const auto name = decode(pair.substr(0, equals), Part::query);
  const auto value = decode(pair.substr(std::min(equals + 1, pair.size())), Part::query);
  return name && value && query.emplace(*name, *value).second;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  const auto path = decode(target.substr(0, mark), Part::path);
  if (!path || path->empty() || path->find('\\') != std::string::npos || has_dot_segment(*path))
    return std::nullopt;
  Target result{*path, {}};
  std::string_view rest = target.substr(std::min(mark + 1, target.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    if (end != 0 && !add_query(rest.substr(0, end), result.query))
      return std::nullopt;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return result;
}

}  // namespace errand
