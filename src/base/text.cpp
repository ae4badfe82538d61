#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>

namespace errand {
namespace {

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool is_continuation(std::string_view text, std::size_t index) {
  return index < text.size() && (byte_at(text, index) & 0xC0U) == 0x80U;
}

/// Overlong forms, surrogates and values beyond U+10FFFF show in the second byte.
bool is_second_byte_valid(unsigned first, unsigned second) {
  switch (first) {
    case 0xE0U:
      return second >= 0xA0U;
    case 0xEDU:
      return second < 0xA0U;
    case 0xF0U:
      return second >= 0x90U;
    case 0xF4U:
      return second < 0x90U;
    default:
      return true;
  }
}

std::size_t expected_bytes(unsigned first) {
  if (first < 0x80U)
    return 1;
  if (first >= 0xC2U && first < 0xE0U)
    return 2;
  if (first >= 0xE0U && first < 0xF0U)
    return 3;
  return first >= 0xF0U && first < 0xF5U ? 4 : 0;
}

unsigned code_point(std::string_view character) {
  if (character.size() == 1)
    return byte_at(character, 0);
  unsigned value = byte_at(character, 0) & (0x7FU >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i)
    value = value << 6U | (byte_at(character, i) & 0x3FU);
  return value;
}

struct Range {
  unsigned first{0};
  unsigned last{0};
};

constexpr std::array acts_on_readers{
    Range{0x00, 0x1F},      // C0
    Range{0x7F, 0x9F},      // DEL and C1
    Range{0x061C, 0x061C},  // Arabic letter mark
    Range{0x200B, 0x200F},  // zero width and direction marks
    Range{0x2028, 0x202E},  // line and paragraph separators, direction embeddings
    Range{0x2060, 0x2069},  // word joiner, invisible operators, direction isolates
    Range{0xFEFF, 0xFEFF},  // byte order mark
};

bool must_be_hidden(unsigned code) {
  return std::any_of(acts_on_readers.begin(), acts_on_readers.end(), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

void append_code(std::string& out, unsigned code) {
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
  }
}

void append_character(std::string& out, std::string_view character, Escape escape) {
  const unsigned code = code_point(character);
  if (must_be_hidden(code)) {
    append_code(out, code);
    return;
  }
  if (escape != Escape::line && (code == '"' || code == '\\'))
    out += '\\';
  out += character;
}

}  // namespace

std::size_t utf8_character_bytes(std::string_view text) {
  if (text.empty())
    return 0;
  const unsigned first = byte_at(text, 0);
  const std::size_t bytes = expected_bytes(first);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text, i))
      return 0;
  }
  return bytes > 1 && !is_second_byte_valid(first, byte_at(text, 1)) ? 0 : bytes;
}

void append_escaped(std::string& out, std::string_view text, Escape escape) {
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes > 0) {
      append_character(out, text.substr(0, bytes), escape);
    } else if (escape == Escape::json) {
      out += "\\ufffd";
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte_at(text, 0));
    }
    text.remove_prefix(bytes > 0 ? bytes : 1);
  }
}

std::string escaped(std::string_view text, Escape escape) {
  std::string out;
  out.reserve(text.size());
  append_escaped(out, text, escape);
  return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return text;
  std::size_t end = bytes_max;
  while (end > 0 && bytes_max - end < 3 && is_continuation(text, end))
    --end;
  return text.substr(0, end);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace errand
