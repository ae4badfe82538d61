#include "server/request_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "server/ascii.hpp"

namespace errand {
namespace {

constexpr std::size_t method_bytes_max = 16;
constexpr std::size_t digits_max = 16;  // below 2^53

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

Refusal bad(std::string message) {
  return {400, "bad_request", std::move(message), {}};
}

std::optional<Refusal> check_target(std::string_view target) {
  if (target.size() > target_bytes_max)
    return Refusal{414, "uri_too_long", "the request target is longer than 4096 bytes", {}};
  if (target.empty() || target.front() != '/')
    return bad("the request target must be a path that starts with '/'");
  const bool visible = std::all_of(
      target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
  if (!visible)
    return bad("the request target holds a character that must be percent-encoded");
  return std::nullopt;
}

std::optional<Refusal> read_request_line(std::string_view line, RequestHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("the request line is not METHOD TARGET VERSION");
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > method_bytes_max)
    return bad("the request method is not a word of at most 16 letters");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return bad("the protocol version must be HTTP/1.1 or HTTP/1.0");
  head.method = method;
  head.target = line.substr(first + 1, last - first - 1);
  head.http_1_0 = version == "HTTP/1.0";
  return check_target(head.target);
}

std::optional<Refusal> read_field(std::string_view line, RequestHead& head) {
  if (head.fields.size() == fields_max)
    return Refusal{431, "headers_too_large", "the request has more than 64 header fields", {}};
  if (line.front() == ' ' || line.front() == '\t')
    return bad("a header field is folded over two lines");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return bad("a header field is not 'Name: value'");
  head.fields.push_back(
      {lowered(line.substr(0, colon)), std::string{trimmed(line.substr(colon + 1))}});
  return std::nullopt;
}

/// Fields that decide something here: a second one could be the one that a proxy believed.
constexpr std::array single_fields{"host",
                                   "content-length",
                                   "transfer-encoding",
                                   "authorization",
                                   "content-type",
                                   "content-encoding",
                                   "origin",
                                   "upgrade",
                                   "expect",
                                   "idempotency-key",
                                   "sec-fetch-site",
                                   "sec-websocket-key",
                                   "sec-websocket-version"};

std::optional<Refusal> check_repeats(const RequestHead& head) {
  for (const std::string_view name : single_fields) {
    const auto count = std::count_if(head.fields.begin(),
                                     head.fields.end(),
                                     [name](const HeadField& field) { return field.name == name; });
    if (count > 1)
      return bad("the header field " + std::string{name} + " is given more than once");
  }
  return std::nullopt;
}

std::optional<Refusal> check_host(const RequestHead& head) {
  if (!head.has("host"))
    return bad("the Host header field is missing");
  const std::string_view host = head.field("host");
  const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
    return is_token_char(c) || c == ':' || c == '[' || c == ']';
  });
  if (host.empty() || host.size() > 255 || !plain)
    return bad("the Host header field is not a host name with an optional port");
  return std::nullopt;
}

std::optional<Refusal> check_framing(const RequestHead& head) {
  const bool length = head.has("content-length");
  const bool encoded = head.has("transfer-encoding");
  if (length && encoded)
    return bad("Content-Length and Transfer-Encoding exclude each other");
  if (length && !parse_content_length(head.field("content-length")))
    return bad("Content-Length is not a plain decimal number");
  if (encoded && head.http_1_0)
    return bad("Transfer-Encoding does not exist in HTTP/1.0");
  if (encoded && lowered(head.field("transfer-encoding")) != "chunked")
    return bad("Transfer-Encoding may only be 'chunked'");
  if (head.has("expect") && lowered(head.field("expect")) != "100-continue")
    return bad("Expect may only be '100-continue'");
  return std::nullopt;
}

}  // namespace

std::string_view RequestHead::field(std::string_view name) const {
  for (const HeadField& field : fields) {
    if (field.name == name)
      return field.value;
  }
  return {};
}

bool RequestHead::has(std::string_view name) const {
  return std::any_of(
      fields.begin(), fields.end(), [name](const HeadField& field) { return field.name == name; });
}

bool RequestHead::lists(std::string_view name, std::string_view word) const {
  for (const HeadField& field : fields) {
    if (field.name != name)
      continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (lowered(trimmed(rest.substr(0, comma))) == word)
        return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool RequestHead::has_body() const {
  return has("transfer-encoding") ||
         (has("content-length") && parse_content_length(field("content-length")) != 0U);
}

HeadScan scan_head(std::string_view bytes, std::size_t seen) {
  const std::size_t looked_at = std::min(bytes.size(), head_bytes_max);
  for (std::size_t at = seen; at < looked_at; ++at) {
    const char c = bytes[at];
    if (c == '\n' && (at == 0 || bytes[at - 1] != '\r'))
      return {0, bad("a line of the head ends without a carriage return")};
    if (c != '\n' && at > 0 && bytes[at - 1] == '\r')
      return {0, bad("a carriage return stands inside a line of the head")};
    if (is_control(c) && c != '\r' && c != '\n' && c != '\t')
      return {0, bad("the head holds a control character")};
    if (c == '\n' && at >= 3 && bytes[at - 2] == '\n')
      return {at + 1, std::nullopt};
    if (c == '\n' && at == 1)
      return {0, bad("the request begins with an empty line")};
  }
  if (bytes.size() < head_bytes_max)
    return {};
  if (bytes.substr(0, head_bytes_max).find('\n') == std::string_view::npos)
    return {0, Refusal{414, "uri_too_long", "the request target is longer than 4096 bytes", {}}};
  return {0, Refusal{431, "headers_too_large", "the head is longer than 8192 bytes", {}}};
}

HeadCheck check_head(std::string_view head) {
  HeadCheck check;
  const auto refused = [&check](std::optional<Refusal> refusal) {
    check.refusal = std::move(refusal);
    return check.refusal.has_value();
  };
  std::size_t begin = 0;
  for (std::size_t end = head.find("\r\n"); end != std::string_view::npos && end != begin;
       begin = end + 2, end = head.find("\r\n", begin)) {
    const std::string_view line = head.substr(begin, end - begin);
    if (refused(begin == 0 ? read_request_line(line, check.head) : read_field(line, check.head)))
      return check;
  }
  if (refused(check_repeats(check.head)) || refused(check_host(check.head)))
    return check;
  refused(check_framing(check.head));
  return check;
}

std::optional<std::uint64_t> parse_content_length(std::string_view text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || text.size() > digits_max || !digits)
    return std::nullopt;
  std::uint64_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

}  // namespace errand
