#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

using CsvRow = std::vector<std::string>;

/// Rows of a CSV text that arrives in blocks, through libcsv: quotes, doubled quotes and line ends
/// inside quotes as RFC 4180 has them. Empty lines are not rows.
class CsvReader {
 public:
  CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;
  ~CsvReader();

  /// The rows that this block completed. Throws `Error{invalid}` for a misplaced quote.
  [[nodiscard]] std::vector<CsvRow> feed(std::string_view block);

  /// The last row, if the text did not end with a line end. Throws `Error{invalid}` for a quote
  /// that is never closed.
  [[nodiscard]] std::vector<CsvRow> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace demo
