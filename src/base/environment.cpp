#include "base/environment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <optional>
#include <system_error>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace errand {
namespace {

bool is_name(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && letters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_blank_or_comment(std::string_view text) {
  const std::string_view rest = trimmed(text);
  return rest.empty() || rest.front() == '#';
}

/// A `#` begins a comment only after a blank: colours and URL fragments are values.
std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t'))
      return text.substr(0, i);
  }
  return text;
}

char unescaped(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return letter;
  }
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : rest_{text}, file_{file} {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (rest_.starts_with(byte_order_mark))
      rest_.remove_prefix(byte_order_mark.size());
  }

  EnvironmentText parse() {
    while (!rest_.empty()) {
      start_ = line_;
      parse_line(take_line());
    }
    return std::move(found_);
  }

 private:
  std::string_view take_line() {
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
    return line;
  }

  [[nodiscard]] std::string place() const { return fmt::format("{} line {}", file_, start_); }

  void mistake(std::string_view what) {
    found_.mistakes.push_back(fmt::format("{} {}", place(), what));
  }

  void parse_line(std::string_view line) {
    if (is_blank_or_comment(line))
      return;
    const std::size_t equals = line.find('=');
    std::string_view name = trimmed(line.substr(0, equals));
    if (name.starts_with("export ") || name.starts_with("export\t"))
      name = trimmed(name.substr(7));
    if (equals == std::string_view::npos || !is_name(name)) {
      mistake("is neither NAME=value nor a # comment");
      return;
    }
    // Kept until the value is read, which may take further lines.
    const std::string kept{name};
    if (auto value = parse_value(line.substr(equals + 1)))
      found_.lines.push_back({kept, std::move(*value), place()});
  }

  std::optional<std::string> parse_value(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin != std::string_view::npos && (text[begin] == '\'' || text[begin] == '"'))
      return parse_quoted(text.substr(begin + 1), text[begin]);
    return std::string{trimmed(without_comment(text))};
  }

  std::optional<std::string> parse_quoted(std::string_view text, char quote) {
    std::string value;
    while (true) {
      if (const auto after = append_until(value, text, quote)) {
        if (is_blank_or_comment(text.substr(*after)))
          return value;
        mistake("has text after the closing quote");
        return std::nullopt;
      }
      if (rest_.empty()) {
        mistake(fmt::format("has no closing {}", quote));
        return std::nullopt;
      }
      value += '\n';
      text = take_line();
    }
  }

  /// Where the text goes on after the closing quote, or nothing when the line has none.
  static std::optional<std::size_t> append_until(std::string& value,
                                                 std::string_view text,
                                                 char quote) {
    constexpr std::string_view escapes = "ntr\"\\$";
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escape = quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
                          escapes.find(text[i + 1]) != std::string_view::npos;
      if (escape)
        value += unescaped(text[++i]);
      else if (text[i] == quote)
        return i + 1;
      else
        value += text[i];
    }
    return std::nullopt;
  }

  std::string_view rest_;
  const std::string& file_;
  int line_{1};
  int start_{1};
  EnvironmentText found_{};
};

/// Nothing when reading fails; errno says why.
std::optional<std::string> content_of(int fd) {
  std::string text;
  std::array<char, 4096> part{};
  ssize_t got = 0;
  while ((got = ::read(fd, part.data(), part.size())) > 0)
    text.append(part.data(), static_cast<std::size_t>(got));
  return got == 0 ? std::optional{std::move(text)} : std::nullopt;
}

}  // namespace

EnvironmentText parse_environment(std::string_view text, const std::string& file) {
  return Parser{text, file}.parse();
}

EnvironmentText read_environment_file(const std::filesystem::path& path) {
  const std::string file = path.filename().string();
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd && errno == ENOENT)
    return {};
  const auto text = fd ? content_of(fd.get()) : std::nullopt;
  if (text)
    return parse_environment(*text, file);
  EnvironmentText unreadable;
  unreadable.mistakes.push_back(
      fmt::format("{} cannot be read: {}", file, std::generic_category().message(errno)));
  return unreadable;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace errand
