#include "cli/table.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"

namespace errand::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t column_width_min = 8;

struct Range {
  unsigned first{0};
  unsigned last{0};
};

constexpr Range combining[]{{0x0300, 0x036F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}};
constexpr Range wide[]{{0x1100, 0x115F},
                       {0x2E80, 0xA4CF},
                       {0xAC00, 0xD7A3},
                       {0xF900, 0xFAFF},
                       {0xFE30, 0xFE6F},
                       {0xFF00, 0xFF60},
                       {0xFFE0, 0xFFE6},
                       {0x1F300, 0x1FAFF},
                       {0x20000, 0x3FFFD}};

template <std::size_t size>
bool is_in(unsigned code, const Range (&ranges)[size]) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

/// Escaped text is always UTF-8.
unsigned code_point(std::string_view character) {
  unsigned value = static_cast<unsigned char>(character.front());
  if (character.size() == 1)
    return value;
  value &= 0x7FU >> character.size();
  for (const char c : character.substr(1))
    value = value << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return value;
}

std::size_t character_width(std::string_view character) {
  const unsigned code = code_point(character);
  if (is_in(code, combining))
    return 0;
  return is_in(code, wide) ? 2 : 1;
}

std::size_t first_character_bytes(std::string_view text) {
  return std::max<std::size_t>(1, utf8_character_bytes(text));
}

std::string cut(std::string_view text, std::size_t width) {
  if (display_width(text) <= width)
    return std::string{text};
  std::string kept;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const std::string_view character = text.substr(0, first_character_bytes(text));
    used += character_width(character);
    if (used > width)
      break;
    kept += character;
    text.remove_prefix(character.size());
  }
  return kept + "…";
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, first_character_bytes(text));
    width += character_width(character);
    text.remove_prefix(character.size());
  }
  return width;
}

Table::Table(std::vector<std::string> headings) : rows_{{std::move(headings)}} {}

void Table::add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells)
    row.push_back(escaped(cell));
}

std::vector<std::size_t> Table::column_widths(std::size_t width) const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths.at(i) = std::max(widths.at(i), display_width(row.at(i)));
  }
  if (width == 0)
    return widths;
  std::size_t total = std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
  for (; total > width; --total) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= column_width_min)
      break;
    --*widest;
  }
  return widths;
}

std::string Table::text(std::size_t width) const {
  const std::vector<std::size_t> widths = column_widths(width);
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = cut(row.at(i), widths.at(i));
      line += cell + std::string(widths.at(i) - display_width(cell) + gap, ' ');
    }
    text += without_trailing_blanks(std::move(line)) + "\n";
  }
  return text;
}

}  // namespace errand::cli
