#include "store/sqlite/sqlite_connection.hpp"

#include <exception>
#include <mutex>

#include <sqlite3.h>

#include "store/sqlite/sqlite_errors.hpp"
#include "store/sqlite/sqlite_file.hpp"
#include "store/sqlite/sqlite_functions.hpp"

namespace errand::sql {
namespace {

constexpr int foreign_writer_patience_ms = 1000;

Param to_param(const SqlValue& value) {
  return std::visit([](const auto& held) { return Param{held}; }, value);
}

}  // namespace

SqliteConnection::SqliteConnection(const SqliteOptions& options)
    : path_{options.path}, clock_{options.clock} {
  writer_lock_.emplace(path_);
  create_private_file(path_);
  try {
    open(options.durability);
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

SqliteConnection::SqliteConnection(sqlite3& borrowed, std::shared_ptr<const Clock> clock)
    : clock_{std::move(clock)}, handle_{&borrowed}, exceptions_{std::uncaught_exceptions()} {
  const char* file = sqlite3_db_filename(handle_, "main");
  path_ = file != nullptr && *file != '\0' ? file : "the lent connection";
  if (sqlite3_get_autocommit(handle_) != 0)
    throw Error{ErrorKind::invalid,
                "the lent SQLite connection is in no transaction: BEGIN IMMEDIATE one first"};
  const int code = sqlite3_exec(handle_, "SAVEPOINT errand_lent", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    throw_sqlite_error(handle_, code, "savepoint", path_);
}

SqliteConnection::~SqliteConnection() {
  for (auto& statement : statements_)
    statement.reset();
  begin_.reset();
  commit_.reset();
  if (!writer_lock_) {
    give_back();
    return;
  }
  if (in_transaction_)
    rollback();
  try {
    const std::lock_guard writing{*writer_lock_};  // the last one to close checkpoints
    sqlite3_close(handle_);
  } catch (const Error&) {
    sqlite3_close(handle_);
  }
}

void SqliteConnection::give_back() noexcept {
  if (std::uncaught_exceptions() > exceptions_)
    sqlite3_exec(handle_, "ROLLBACK TO errand_lent", nullptr, nullptr, nullptr);
  sqlite3_exec(handle_, "RELEASE errand_lent", nullptr, nullptr, nullptr);
}

void SqliteConnection::open(Durability durability) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                    SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
  if (code == SQLITE_OK)
    code = add_is_in_runs(*handle_);
  if (code != SQLITE_OK)
    throw_sqlite_error(handle_, code, "opening the database", path_);
  sqlite3_busy_timeout(handle_, foreign_writer_patience_ms);
  if (!is_wal()) {
    const std::lock_guard writing{*writer_lock_};
    run_pragma("PRAGMA journal_mode = WAL");
  }
  run_pragma(durability == Durability::full ? "PRAGMA synchronous = FULL"
                                            : "PRAGMA synchronous = NORMAL");
  run_pragma("PRAGMA mmap_size = 0");
  // A checkpoint's price is per call and per page that changed since: rarer ones write a hot page
  // once.
  run_pragma("PRAGMA wal_autocheckpoint = 4000");
  // A worker that drains alone would keep all that it may, and read none of it again.
  run_pragma(durability == Durability::full ? "PRAGMA cache_size = -32000"
                                            : "PRAGMA cache_size = -2000");
  run_pragma("PRAGMA temp_store = MEMORY");
  // Debian's SQLite overwrites deleted content with zeros unless told otherwise.
  run_pragma("PRAGMA secure_delete = OFF");
}

void SqliteConnection::run_pragma(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    throw_sqlite_error(handle_, code, "opening the database", path_);
}

bool SqliteConnection::is_wal() {
  SqliteStatement mode{handle_, "PRAGMA journal_mode", "opening the database", path_};
  return mode.step() && mode.text(0) == "wal";
}

SqliteStatement& SqliteConnection::prepared(Query query) {
  auto& statement = statements_[static_cast<std::size_t>(query)];
  if (!statement)
    statement = std::make_unique<SqliteStatement>(
        handle_, Statements::of_sqlite().text(query), std::string{name_of(query)}, path_);
  return *statement;
}

void SqliteConnection::note_failure() noexcept {
  if (breaks_connection(sqlite3_extended_errcode(handle_)))
    usable_ = false;
}

void SqliteConnection::run(Query query, const Batch& batch) {
  try {
    SqliteStatement& statement = prepared(query);
    for (std::size_t item = 0; item < batch.times; ++item) {
      const SqliteStatement::Use use{statement};
      if (batch.bind)
        batch.bind(item, statement);
      while (statement.step())
        if (batch.on_row)
          batch.on_row(item, statement);
      if (batch.on_done)
        batch.on_done(item, sqlite3_changes64(handle_));
    }
  } catch (const Error&) {
    note_failure();
    throw;
  }
}

SqlRows SqliteConnection::run_text(std::string_view sql,
                                   const std::vector<SqlValue>& values,
                                   std::int64_t& changed) {
  SqliteStatement statement{handle_, sql, "the program's statement", path_};
  if (statement.parameter_count() != static_cast<int>(values.size()))
    throw Error{ErrorKind::invalid,
                "the program's statement has " + std::to_string(statement.parameter_count()) +
                    " parameters but was given " + std::to_string(values.size()) + " values"};
  for (std::size_t index = 0; index < values.size(); ++index)
    statement.set(static_cast<int>(index) + 1, to_param(values[index]));
  std::vector<std::string> columns;
  for (int column = 0; column < statement.column_count(); ++column)
    columns.push_back(statement.column_name(column));
  std::vector<std::vector<SqlValue>> rows;
  while (statement.step()) {
    auto& row = rows.emplace_back();
    for (int column = 0; column < statement.column_count(); ++column)
      row.push_back(statement.value(column));
  }
  changed = sqlite3_changes64(handle_);
  return {std::move(columns), std::move(rows)};
}

void SqliteConnection::run_script(std::string_view sql) {
  const int code = sqlite3_exec(handle_, std::string{sql}.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    throw_sqlite_error(handle_, code, "migration", path_);
}

void SqliteConnection::run_once(std::unique_ptr<SqliteStatement>& statement,
                                const char* sql,
                                const char* what) {
  if (!statement)
    statement = std::make_unique<SqliteStatement>(handle_, sql, what, path_);
  const SqliteStatement::Use use{*statement};
  statement->step();
}

void SqliteConnection::begin() {
  writer_lock_->lock();
  try {
    run_once(begin_, "BEGIN IMMEDIATE", "begin");
    in_transaction_ = true;
  } catch (...) {
    note_failure();
    writer_lock_->unlock();
    throw;
  }
}

void SqliteConnection::commit() {
  try {
    run_once(commit_, "COMMIT", "commit");
  } catch (const Error&) {
    note_failure();
    throw;
  }
  in_transaction_ = false;
  writer_lock_->unlock();
}

void SqliteConnection::rollback() noexcept {
  // Some errors have rolled back already; a second time is an error that says so and changes
  // nothing.
  if (sqlite3_get_autocommit(handle_) == 0 &&
      sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK)
    usable_ = false;
  in_transaction_ = false;
  writer_lock_->unlock();
}

const Habits& SqliteConnection::habits() const noexcept {
  static constexpr Habits habits{.rows_per_statement = 32,
                                 .held_run_min = 4,
                                 .held_set_min = 32,
                                 .finished_run_min = 4,
                                 .notes_hold = true,
                                 .claims_wait = true};
  return habits;
}

TimePoint SqliteConnection::now() {
  return clock_->wall_now();
}

}  // namespace errand::sql
