#pragma once

#include "store/database.hpp"

struct pg_result;

namespace errand::sql {

/// One row of a binary result; the result outlives it.
class PostgresRow final : public Row {
 public:
  PostgresRow(const pg_result& result, int row) : result_{result}, row_{row} {}

  [[nodiscard]] bool is_null(int column) const override;
  /// Instants as microseconds since 1970, booleans as 0 and 1. These three throw `Error{bug}` for a
  /// column whose type holds no such value.
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] double real(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;

 private:
  [[nodiscard]] std::string_view bytes(int column) const;

  const pg_result& result_;
  int row_;
};

/// A text result as the host program sees it: integers and booleans as `std::int64_t`, floating
/// point as `double`, everything else as the text that the server wrote.
[[nodiscard]] SqlRows rows_of(const pg_result& result);

/// How many rows a statement inserted, changed or removed; 0 for one that reads.
[[nodiscard]] std::int64_t changes_of(pg_result& result);

}  // namespace errand::sql
