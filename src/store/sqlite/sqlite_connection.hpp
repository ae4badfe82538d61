#pragma once

#include <array>
#include <errand/clock.hpp>
#include <memory>
#include <optional>
#include <string>

#include "store/database.hpp"
#include "store/open_store.hpp"
#include "store/sqlite/sqlite_statement.hpp"
#include "store/sqlite/writer_lock.hpp"

namespace errand::sql {

struct SqliteOptions {
  std::string path{};
  Durability durability{Durability::full};
  std::shared_ptr<const Clock> clock{};
};

/// A connection to an SQLite file. Its write transactions, its checkpoints and its closing run
/// under the file's writer lock, so that it never meets another errand process in SQLite's own
/// locks; it still waits a second for foreign programs.
class SqliteConnection final : public Connection {
 public:
  /// Creates the file, mode 0600, when there is none. Throws `Error`.
  explicit SqliteConnection(const SqliteOptions& options);
  /// Over a handle that the caller owns, inside its transaction: takes no lock, ends nothing, and
  /// leaves no statement behind. What this object did is undone when it is left by an exception,
  /// and the caller's transaction goes on. Throws `Error{invalid}` when there is none.
  SqliteConnection(sqlite3& borrowed, std::shared_ptr<const Clock> clock);
  ~SqliteConnection() override;

  void run(Query query, const Batch& batch) override;
  SqlRows run_text(std::string_view sql,
                   const std::vector<SqlValue>& values,
                   std::int64_t& changed) override;
  void run_script(std::string_view sql) override;

  void begin() override;
  void commit() override;
  void rollback() noexcept override;

  [[nodiscard]] const Habits& habits() const noexcept override;
  [[nodiscard]] TimePoint now() override;

  [[nodiscard]] bool usable() const noexcept override { return usable_; }

  [[nodiscard]] NativeHandle native_handle() override { return NativeHandle{handle_}; }

 private:
  void open(Durability durability);
  void give_back() noexcept;
  [[nodiscard]] bool is_wal();
  void run_pragma(const char* sql);
  void run_once(std::unique_ptr<SqliteStatement>& statement, const char* sql, const char* what);
  SqliteStatement& prepared(Query query);
  void note_failure() noexcept;

  std::string path_;
  std::shared_ptr<const Clock> clock_;
  std::optional<WriterLock> writer_lock_{};  ///< none on a borrowed handle
  sqlite3* handle_{nullptr};
  int exceptions_{0};  ///< in flight when the handle was lent
  bool usable_{true};
  bool in_transaction_{false};
  std::array<std::unique_ptr<SqliteStatement>, query_names.size()> statements_{};
  std::unique_ptr<SqliteStatement> begin_{};
  std::unique_ptr<SqliteStatement> commit_{};
};

}  // namespace errand::sql
