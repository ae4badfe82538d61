#include "store/postgresql/postgres_row.hpp"

#include <charconv>

#include <libpq-fe.h>

#include "store/postgresql/postgres_values.hpp"

namespace errand::sql {
namespace {

[[noreturn]] void refuse_column(const PGresult& result, int column, const char* wanted) {
  throw Error{ErrorKind::bug,
              std::string{"the column "} + PQfname(&result, column) + " was read as " + wanted +
                  ", but has the type number " + std::to_string(PQftype(&result, column))};
}

template <typename Number>
SqlValue number_from(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size())
    return std::string{text};
  return number;
}

SqlValue value_of(const PGresult& result, int row, int column) {
  if (PQgetisnull(&result, row, column) != 0)
    return nullptr;
  const std::string_view text{PQgetvalue(&result, row, column),
                              static_cast<std::size_t>(PQgetlength(&result, row, column))};
  switch (PQftype(&result, column)) {
    case oid::boolean:
      return std::int64_t{text == "t" ? 1 : 0};
    case oid::int2:
    case oid::int4:
    case oid::int8:
    case oid::number:
      return number_from<std::int64_t>(text);
    case oid::float4:
    case oid::float8:
      return number_from<double>(text);
    default:
      return std::string{text};
  }
}

}  // namespace

bool PostgresRow::is_null(int column) const {
  return PQgetisnull(&result_, row_, column) != 0;
}

std::string_view PostgresRow::bytes(int column) const {
  return {PQgetvalue(&result_, row_, column),
          static_cast<std::size_t>(PQgetlength(&result_, row_, column))};
}

std::int64_t PostgresRow::integer(int column) const {
  if (is_null(column))
    return 0;
  if (const auto value = integer_from(PQftype(&result_, column), bytes(column)))
    return *value;
  refuse_column(result_, column, "an integer");
}

double PostgresRow::real(int column) const {
  if (is_null(column))
    return 0;
  if (const auto value = real_from(PQftype(&result_, column), bytes(column)))
    return *value;
  refuse_column(result_, column, "a number");
}

std::string_view PostgresRow::text(int column) const {
  if (is_null(column))
    return {};
  if (const auto value = text_from(PQftype(&result_, column), bytes(column)))
    return *value;
  refuse_column(result_, column, "text");
}

SqlRows rows_of(const PGresult& result) {
  const int width = PQnfields(&result);
  std::vector<std::string> columns;
  for (int column = 0; column < width; ++column)
    columns.emplace_back(PQfname(&result, column));
  std::vector<std::vector<SqlValue>> rows(static_cast<std::size_t>(PQntuples(&result)));
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (int column = 0; column < width; ++column)
      rows[row].push_back(value_of(result, static_cast<int>(row), column));
  return {std::move(columns), std::move(rows)};
}

std::int64_t changes_of(PGresult& result) {
  if (std::string_view{PQcmdStatus(&result)}.starts_with("SELECT"))
    return 0;
  const std::string_view count{PQcmdTuples(&result)};
  std::int64_t changes = 0;
  std::from_chars(count.data(), count.data() + count.size(), changes);
  return changes;
}

}  // namespace errand::sql
