#pragma once

struct sqlite3;
struct pg_conn;

namespace errand {

/// A transaction that the caller opened on a connection of its own, lent to one call: the job
/// exists exactly if the caller commits. errand runs its statements on that connection and neither
/// commits nor rolls back. The handle must be inside a transaction and outlive the call. Workers
/// are not woken by it: they see the job at their next poll.
///
/// On SQLite the caller's connection takes the database's write lock without errand's own lock;
/// open the transaction with BEGIN IMMEDIATE and a busy timeout.
class BorrowedTransaction {
 public:
  explicit BorrowedTransaction(sqlite3& handle) : sqlite_{&handle} {}

  explicit BorrowedTransaction(pg_conn& handle) : postgres_{&handle} {}

  [[nodiscard]] sqlite3* sqlite() const noexcept { return sqlite_; }

  [[nodiscard]] pg_conn* postgres() const noexcept { return postgres_; }

 private:
  sqlite3* sqlite_{nullptr};
  pg_conn* postgres_{nullptr};
};

}  // namespace errand
