#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

struct sqlite3;
struct pg_conn;

namespace errand {

/// What the server answered to a statement that it refused.
class SqlFailure final : public std::runtime_error {
 public:
  SqlFailure(std::string sqlstate, const std::string& message)
      : std::runtime_error{message}, sqlstate_{std::move(sqlstate)} {}

  /// Five characters; empty when the connection was lost.
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

/// An open PostgreSQL transaction of some driver, as an adapter presents it.
class SqlExecutor {
 public:
  using Value = std::optional<std::string>;  ///< as text; nothing = NULL

  SqlExecutor() = default;
  SqlExecutor(const SqlExecutor&) = delete;
  SqlExecutor& operator=(const SqlExecutor&) = delete;
  virtual ~SqlExecutor() = default;

  /// Runs one statement whose `$1`, `$2`, … are `values`, of the types that the server infers, and
  /// returns its rows. Throws `SqlFailure`.
  virtual std::vector<std::vector<Value>> run(const std::string& sql,
                                              const std::vector<Value>& values) = 0;
};

/// A transaction that the caller opened on a connection of its own, lent to one call: the job
/// exists exactly if the caller commits. errand runs its statements on that connection and neither
/// commits nor rolls back. The handle must be inside a transaction and outlive the call. When the
/// call throws, what it did is undone, and the transaction is as usable as it was before.
///
/// On PostgreSQL the commit wakes the workers. On SQLite they see the job at their next poll, and
/// the caller's connection takes the database's write lock without errand's own lock; open the
/// transaction with BEGIN IMMEDIATE and a busy timeout.
class BorrowedTransaction {
 public:
  explicit BorrowedTransaction(sqlite3& handle) : sqlite_{&handle} {}

  explicit BorrowedTransaction(pg_conn& handle) : postgres_{&handle} {}

  /// Another driver's; `errand/adapters/` has some.
  explicit BorrowedTransaction(std::shared_ptr<SqlExecutor> executor)
      : executor_{std::move(executor)} {}

  [[nodiscard]] sqlite3* sqlite() const noexcept { return sqlite_; }

  [[nodiscard]] pg_conn* postgres() const noexcept { return postgres_; }

  [[nodiscard]] const std::shared_ptr<SqlExecutor>& executor() const noexcept { return executor_; }

 private:
  sqlite3* sqlite_{nullptr};
  pg_conn* postgres_{nullptr};
  std::shared_ptr<SqlExecutor> executor_{};
};

}  // namespace errand
