#include "jobs/imported_rows.hpp"

#include <algorithm>
#include <string_view>

namespace demo {
namespace {

constexpr std::string_view prefix = "imported_";
constexpr std::size_t name_bytes_max = 63;

bool is_table_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return name.size() > prefix.size() && name.size() <= name_bytes_max && name.starts_with(prefix) &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

ImportedRows::ImportedRows(std::string table) : table_{std::move(table)} {
  if (!is_table_name(table_))
    throw errand::Error{
        errand::ErrorKind::invalid,
        "the name of the table is not allowed: it begins with \"imported_\", goes on "
        "with a-z, 0-9 and _, and has at most 63 characters",
        "table"};
}

void ImportedRows::create_if_missing(errand::Transaction& tx) const {
  tx.execute("CREATE TABLE IF NOT EXISTS " + table_ +
             " (import BIGINT NOT NULL, line BIGINT NOT NULL, fields TEXT NOT NULL,"
             " PRIMARY KEY (import, line))");
}

std::int64_t ImportedRows::lines_of(errand::Transaction& tx, errand::JobId import) const {
  return tx.query("SELECT coalesce(max(line), 0) FROM " + table_ + " WHERE import = $1", import)
      .get<std::int64_t>(0, 0);
}

void ImportedRows::insert(errand::Transaction& tx,
                          errand::JobId import,
                          std::int64_t line,
                          const std::string& fields) const {
  tx.execute("INSERT INTO " + table_ +
                 " (import, line, fields) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
             import,
             line,
             fields);
}

std::int64_t ImportedRows::count(errand::Transaction& tx) const {
  return tx.query("SELECT count(*) FROM " + table_).get<std::int64_t>(0, 0);
}

}  // namespace demo
