#include "store/sql_database.hpp"

namespace errand {

NativeHandle::operator sqlite3*() const {
  if (sqlite_ == nullptr)
    throw Error{ErrorKind::invalid,
                "this program's database is PostgreSQL: ask for a PGconn, not for a sqlite3"};
  return sqlite_;
}

NativeHandle::operator pg_conn*() const {
  if (postgres_ == nullptr)
    throw Error{ErrorKind::invalid,
                "this program's database is SQLite: ask for a sqlite3, not for a PGconn"};
  return postgres_;
}

namespace sql {

std::int64_t SqlTransaction::execute_values(std::string_view sql,
                                            const std::vector<SqlValue>& values) {
  std::int64_t changed = 0;
  connection_.run_text(sql, values, changed);
  return changed;
}

SqlRows SqlTransaction::query_values(std::string_view sql, const std::vector<SqlValue>& values) {
  std::int64_t changed = 0;
  return connection_.run_text(sql, values, changed);
}

NativeHandle SqlTransaction::native_handle() {
  return connection_.native_handle();
}

void SqlDatabase::run(const std::function<void(Transaction&)>& work) {
  pool_.write([&work](Connection& connection) {
    SqlTransaction transaction{connection};
    work(transaction);
  });
}

}  // namespace sql
}  // namespace errand
