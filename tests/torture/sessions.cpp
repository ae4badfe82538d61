#include "sessions.hpp"

#include <errand/error.hpp>

#include <libpq-fe.h>
#include <sqlite3.h>

namespace errand::torture {
namespace {

/// One session of ours may wait for what another one holds.
constexpr const char* settings = "-c client_min_messages=error -c lock_timeout=3s";

}  // namespace

void PostgresSession::Close::operator()(pg_conn* connection) const {
  ::PQfinish(connection);
}

PostgresSession::PostgresSession(const std::string& url) {
  const char* const names[]{"dbname", "application_name", "connect_timeout", "options", nullptr};
  const char* const values[]{url.c_str(), "torture", "10", settings, nullptr};
  connection_.reset(::PQconnectdbParams(names, values, 1));
  if (::PQstatus(connection_.get()) != CONNECTION_OK)
    throw Error{ErrorKind::unavailable, ::PQerrorMessage(connection_.get())};
}

std::string PostgresSession::ask(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&::PQclear)> result{
      ::PQexec(connection_.get(), sql.c_str()), &::PQclear};
  const ExecStatusType status = ::PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw Error{ErrorKind::unavailable, ::PQerrorMessage(connection_.get())};
  return ::PQntuples(result.get()) > 0 ? ::PQgetvalue(result.get(), 0, 0) : "";
}

void SqliteSession::Close::operator()(sqlite3* database) const {
  ::sqlite3_close(database);
}

SqliteSession::SqliteSession(const std::string& url) {
  sqlite3* database = nullptr;
  const int result = ::sqlite3_open_v2(
      path_of(url).c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (result != SQLITE_OK)
    throw Error{ErrorKind::unavailable, ::sqlite3_errmsg(database)};
  ::sqlite3_busy_timeout(database, 2'000);
}

std::string SqliteSession::ask(const std::string& sql) {
  std::string first;
  const auto keep_first = [](void* kept, int, char** fields, char**) {
    std::string& text = *static_cast<std::string*>(kept);
    if (text.empty() && fields[0] != nullptr)
      text = fields[0];
    return 0;
  };
  if (::sqlite3_exec(database_.get(), sql.c_str(), keep_first, &first, nullptr) != SQLITE_OK)
    throw Error{ErrorKind::unavailable, ::sqlite3_errmsg(database_.get())};
  return first;
}

bool is_sqlite(const std::string& url) {
  return url.starts_with("sqlite:");
}

std::string path_of(const std::string& url) {
  return url.substr(url.find(':') + 1);
}

}  // namespace errand::torture
