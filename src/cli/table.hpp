#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace errand::cli {

/// Columns that `text` takes on a terminal: two for wide characters, none for combining ones.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Rows in aligned columns. Cells come as they are; what could act on a terminal is escaped.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);

  /// As many cells as there are headings.
  void add(const std::vector<std::string>& cells);

  [[nodiscard]] bool empty() const noexcept { return rows_.size() == 1; }

  /// Lines with newlines. With a width, the widest columns are cut (…) until a line fits or no
  /// column is wider than eight; 0 = nothing is cut.
  [[nodiscard]] std::string text(std::size_t width) const;

 private:
  [[nodiscard]] std::vector<std::size_t> column_widths(std::size_t width) const;

  std::vector<std::vector<std::string>> rows_;  ///< escaped; the first are the headings
};

}  // namespace errand::cli
