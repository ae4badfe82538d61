#include "store/sqlite/sqlite_errors.hpp"

#include <errand/error.hpp>

#include <sqlite3.h>

#include "store/database.hpp"

namespace errand::sql {
namespace {

/// "UNIQUE constraint failed: worker_jobs.unique_key" → "unique_key"
std::string column_of(std::string_view message) {
  const auto dot = message.rfind('.');
  return dot == std::string_view::npos ? std::string{} : std::string{message.substr(dot + 1)};
}

struct Advice {
  ErrorKind kind{ErrorKind::unavailable};
  std::string_view text{};
};

Advice advice_for(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {ErrorKind::unavailable, "free space on its file system, then the work goes on"};
    case SQLITE_IOERR:
      return {ErrorKind::unavailable, "check the disk and keep the file with its -wal and -shm"};
    case SQLITE_CORRUPT:
      return {ErrorKind::unavailable,
              "stop writing, keep the file with its -wal and -shm, and restore a backup"};
    case SQLITE_NOTADB:
      return {ErrorKind::invalid, "the file is not an SQLite database; correct DATABASE_URL"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorKind::unavailable, "make the file and its folder writable for this user"};
    case SQLITE_CANTOPEN:
      return {ErrorKind::unavailable, "the folder must exist and be writable by this user"};
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return {ErrorKind::invalid, "the database refuses the value"};
    default:
      return {ErrorKind::unavailable, "try again; if it stays, report it with this message"};
  }
}

Advice advice_for_statement(std::string_view message, bool is_ours) {
  if (message.find("no such table") != std::string_view::npos ||
      message.find("no such column") != std::string_view::npos ||
      message.find("no such index") != std::string_view::npos)
    return {is_ours ? ErrorKind::unavailable : ErrorKind::invalid,
            is_ours ? "the schema is missing or too old; run `errand migrate`"
                    : "correct the statement"};
  return {is_ours ? ErrorKind::bug : ErrorKind::invalid,
          is_ours ? "report it with this message" : "correct the statement"};
}

bool is_unique_violation(int code) {
  return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY;
}

/// A handle that the caller lent may answer in the short codes.
int detailed(sqlite3* handle, int code) {
  const int known = handle != nullptr ? sqlite3_extended_errcode(handle) : code;
  return (known & 0xff) == code ? known : code;
}

std::string reason(sqlite3* handle, int code) {
  std::string text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  if (code > 0xff)
    text += " (SQLite code " + std::to_string(code) + ")";
  return text;
}

}  // namespace

bool breaks_connection(int code) noexcept {
  switch (code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return true;
    default:
      return false;
  }
}

void throw_sqlite_error(sqlite3* handle, int code, std::string_view what, const std::string& path) {
  code = detailed(handle, code);
  const std::string why = reason(handle, code);
  const std::string start = std::string{what} + " failed on " + path + ": " + why + "; ";
  const int primary = code & 0xff;
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
    throw TransientError{start + "another program holds the database; end its long transactions"};
  if (is_unique_violation(code))
    throw Error{ErrorKind::conflict, start + "such a row exists", column_of(sqlite3_errmsg(handle))};
  const bool is_ours = what.find(' ') == std::string_view::npos;
  const Advice advice =
      primary == SQLITE_ERROR ? advice_for_statement(why, is_ours) : advice_for(code);
  throw Error{advice.kind, start + std::string{advice.text}};
}

}  // namespace errand::sql
