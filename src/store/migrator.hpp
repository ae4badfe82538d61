#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "store/connection_pool.hpp"
#include "store/open_store.hpp"
#include "store/statements.hpp"

namespace errand::sql {

/// Brings a schema forward, one transaction per migration, under a lock: of several processes that
/// start at once, each finds what the others have done.
class Migrator {
 public:
  /// `patience`: how long one migration may wait for others.
  Migrator(ConnectionPool& pool,
           const Statements& statements,
           std::chrono::milliseconds patience = std::chrono::minutes{10})
      : pool_{pool}, statements_{statements}, patience_{patience} {}

  /// Waits for a server that is starting. Returns the names applied. Throws `Error{unavailable}`
  /// when it has been starting, another process migrating, or another session using a table that
  /// must change, for longer than `patience`; `Error{invalid}` for a schema that is newer than this program or was made by
  /// migrations of another text.
  [[nodiscard]] std::vector<std::string> migrate(const ToldToWait& told);
  [[nodiscard]] std::vector<std::string> pending();

 private:
  [[nodiscard]] std::vector<const Migration*> missing_from(Connection& connection) const;
  [[nodiscard]] std::vector<std::string> pending_once_started(const ToldToWait& tell);
  enum class Step { applied, nothing_left, locked, blocked };

  [[nodiscard]] Step apply_next(std::string& name);
  [[nodiscard]] Step try_next(Connection& connection, std::string& name);
  static void wait_after(Step step);
  void apply(Connection& connection, const Migration& migration);

  ConnectionPool& pool_;
  const Statements& statements_;
  std::chrono::milliseconds patience_;
};

}  // namespace errand::sql
