#pragma once

#include <cstdint>
#include <errand/errand.hpp>
#include <string>
#include <vector>

#include "jobs/csv_reader.hpp"

namespace demo {

/// A table that CSV rows are imported into: one row per line of an import, the fields as a JSON
/// object by column name.
class ImportedRows {
 public:
  /// Throws `Error{invalid}` for a name that is not "imported_" and then lower-case letters, digits
  /// and underscores: a table's name cannot be a parameter of a statement.
  explicit ImportedRows(std::string table);

  void create_if_missing(errand::Transaction& tx) const;

  /// Lines of this import that are committed. Batches are committed in order, so it is also the
  /// last line.
  [[nodiscard]] std::int64_t lines_of(errand::Transaction& tx, errand::JobId import) const;

  /// A line that is there already stays as it is.
  void insert(errand::Transaction& tx,
              errand::JobId import,
              std::int64_t line,
              const std::string& fields) const;

  /// Of all imports.
  [[nodiscard]] std::int64_t count(errand::Transaction& tx) const;

 private:
  std::string table_;
};

}  // namespace demo
