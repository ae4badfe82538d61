// Not recursive and without allocations for small payloads: every submission passes through here.
#include "jobs/json_scanner.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <errand/error.hpp>
#include <list>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

constexpr std::uint64_t integer_max = std::uint64_t{1} << 53;
constexpr int exponent_max = 308;

/// Above this, comparing every key with every other costs more than sorting them.
constexpr std::ptrdiff_t few_keys = 12;

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

constexpr std::array<bool, 256> make_plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte)
    plain[byte] = byte != '"' && byte != '\\';
  return plain;
}

/// Bytes of a string that stand for themselves and need no look.
constexpr std::array<bool, 256> plain_bytes = make_plain_bytes();

class Scanner {
 public:
  Scanner(std::string_view text, std::string_view field) : text_{text}, field_{field} {}

  void scan() {
    skip_blanks();
    scan_value();
    while (!open_.empty())
      scan_next_in_container();
    skip_blanks();
    if (at_ < text_.size())
      refuse("something follows the end of the value");
  }

 private:
  struct Container {
    bool is_object{false};
    std::ptrdiff_t first_key{0};
  };

  struct String {
    std::size_t begin{0};
    std::size_t end{0};
    bool has_escapes{false};
  };

  [[noreturn]] void refuse(const std::string& what) const { refuse_at(at_, what); }

  [[noreturn]] void refuse_at(std::size_t at, const std::string& what) const {
    refuse_json(field_, what + " (byte " + std::to_string(at) + ")");
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r')
      ++at_;
  }

  bool accept(char byte) {
    if (peek() != byte)
      return false;
    ++at_;
    return true;
  }

  /// A scalar whole, of a container only its beginning.
  void scan_value() {
    switch (peek()) {
      case '{':
        return open(true);
      case '[':
        return open(false);
      case '"':
        static_cast<void>(scan_string());
        return;
      case 't':
        return scan_word("true");
      case 'f':
        return scan_word("false");
      case 'n':
        return scan_word("null");
      default:
        return scan_number();
    }
  }

  void open(bool is_object) {
    if (open_.size() == static_cast<std::size_t>(payload_depth_max))
      refuse("it is nested deeper than " + std::to_string(payload_depth_max) + " levels");
    ++at_;
    open_.push_back({is_object, std::ssize(keys_)});
    skip_blanks();
    if (accept(is_object ? '}' : ']'))
      return close();
    scan_member();
  }

  void scan_next_in_container() {
    skip_blanks();
    if (accept(open_.back().is_object ? '}' : ']'))
      return close();
    if (!accept(','))
      refuse(open_.back().is_object ? "expected ',' or '}'" : "expected ',' or ']'");
    skip_blanks();
    scan_member();
  }

  void scan_member() {
    if (open_.back().is_object)
      scan_key();
    scan_value();
  }

  void scan_key() {
    if (peek() != '"')
      refuse("expected a key in double quotes");
    const String key = scan_string();
    const std::string_view raw = text_.substr(key.begin, key.end - key.begin);
    keys_.push_back(key.has_escapes ? unescaped_.emplace_back(unescape(raw)) : raw);
    skip_blanks();
    if (!accept(':'))
      refuse("expected ':' after a key");
    skip_blanks();
  }

  void close() {
    const auto first = keys_.begin() + open_.back().first_key;
    if (const auto twice = find_duplicate(first, keys_.end()))
      refuse("the key \"" + sanitise_text(*twice, 64) + "\" stands twice in one object");
    keys_.erase(first, keys_.end());
    open_.pop_back();
  }

  using KeyIterator = std::vector<std::string_view>::iterator;

  static std::optional<std::string_view> find_duplicate(KeyIterator begin, KeyIterator end) {
    if (end - begin > few_keys) {
      std::sort(begin, end);
      const auto twice = std::adjacent_find(begin, end);
      return twice == end ? std::nullopt : std::optional{*twice};
    }
    for (auto key = begin; key != end; ++key)
      if (std::find(begin, key, *key) != key)
        return *key;
    return std::nullopt;
  }

  void scan_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word)
      refuse("expected a value");
    at_ += word.size();
  }

  String scan_string() {
    const std::size_t quote = at_++;
    String string{at_, at_, false};
    for (;;) {
      while (at_ < text_.size() && plain_bytes[static_cast<unsigned char>(text_[at_])])
        ++at_;
      if (at_ >= text_.size())
        refuse_at(quote, "a string is not closed");
      if (text_[at_] == '"') {
        string.end = at_++;
        return string;
      }
      if (text_[at_] == '\\')
        string.has_escapes = true;
      scan_special_character();
    }
  }

  void scan_special_character() {
    const char byte = text_[at_];
    if (byte == '\\')
      return scan_escape();
    if (static_cast<unsigned char>(byte) < 0x20)
      refuse("a control character stands in a string; escape it");
    const std::size_t length = utf8_character_bytes(text_.substr(at_, 4));
    if (length == 0)
      refuse("the bytes are not UTF-8");
    at_ += length;
  }

  void scan_escape() {
    const std::size_t start = at_++;
    const char kind = peek();
    if (kind != 'u') {
      if (kind == '\0' || std::string_view{"\"\\/bfnrt"}.find(kind) == std::string_view::npos)
        refuse_at(start, "a backslash is followed by something that is no escape");
      ++at_;
      return;
    }
    const unsigned unit = scan_code_unit(start);
    if (unit == 0)
      refuse_at(start, "\\u0000 cannot be stored");
    if (unit >= 0xDC00 && unit < 0xE000)
      refuse_at(start, "a low surrogate has no high one before it");
    if (unit >= 0xD800 && unit < 0xDC00)
      scan_low_surrogate(start);
  }

  void scan_low_surrogate(std::size_t start) {
    const bool follows = accept('\\') && peek() == 'u';
    const unsigned low = follows ? scan_code_unit(start) : 0;
    if (low < 0xDC00 || low >= 0xE000)
      refuse_at(start, "a high surrogate has no low one after it");
  }

  /// The four digits after the `u` that it stands on.
  unsigned scan_code_unit(std::size_t start) {
    const std::string_view digits = text_.substr(at_ + 1, 4);
    unsigned unit = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (failure != std::errc{} || digits.size() != 4 || end != digits.data() + 4)
      refuse_at(start, "\\u is not followed by four hexadecimal digits");
    at_ += 5;
    return unit;
  }

  void scan_number() {
    const std::size_t start = at_;
    accept('-');
    const std::size_t whole = at_;
    scan_digits();
    if (text_[whole] == '0' && at_ > whole + 1)
      refuse_at(start, "a number begins with a zero that says nothing");
    const std::size_t whole_end = at_;
    if (accept('.'))
      scan_digits();
    if (peek() == 'e' || peek() == 'E')
      scan_exponent(start);
    if (at_ == whole_end)
      check_integer(start, text_.substr(whole, whole_end - whole));
    else
      check_real(start, text_.substr(start, at_ - start));
  }

  void scan_digits() {
    if (!is_digit(peek()))
      refuse(at_ < text_.size() ? "expected a value" : "the text ends too early");
    while (is_digit(peek()))
      ++at_;
  }

  void scan_exponent(std::size_t start) {
    ++at_;
    if (!accept('-'))
      accept('+');
    const std::size_t digits = at_;
    scan_digits();
    int exponent = 0;
    const auto [end, failure] =
        std::from_chars(text_.data() + digits, text_.data() + at_, exponent);
    static_cast<void>(end);
    if (failure != std::errc{} || exponent > exponent_max)
      refuse_at(start, "a number has an exponent beyond ±308; send it as text");
  }

  void check_integer(std::size_t start, std::string_view digits) const {
    std::uint64_t value = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    static_cast<void>(end);
    if (failure != std::errc{} || value > integer_max)
      refuse_at(start, "an integer is beyond ±2^53 and would lose digits; send it as text");
  }

  void check_real(std::size_t start, std::string_view number) const {
    double value = 0;
    const auto [end, failure] =
        std::from_chars(number.data(), number.data() + number.size(), value);
    static_cast<void>(end);
    if (failure != std::errc{})
      refuse_at(start, "a number is too large or too small; send it as text");
  }

  /// `raw` has passed the scan. A key is what its escapes stand for: "a" and "\u0061" are one.
  static std::string unescape(std::string_view raw) {
    const std::string quoted = '"' + std::string{raw} + '"';
    return Json::parse(quoted).get<std::string>();
  }

  std::string_view text_;
  std::string_view field_;
  std::size_t at_{0};
  std::vector<Container> open_{};
  std::vector<std::string_view> keys_{};
  std::list<std::string> unescaped_{};
};

}  // namespace

void scan_json(std::string_view text, std::string_view field) {
  Scanner{text, field}.scan();
}

void refuse_json(std::string_view field, const std::string& why) {
  throw Error{ErrorKind::invalid,
              std::string{field} + " cannot be stored as JSON: " + why,
              std::string{field}};
}

}  // namespace errand
