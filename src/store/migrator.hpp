#pragma once

#include <string>
#include <vector>

#include "store/connection_pool.hpp"
#include "store/statements.hpp"

namespace errand::sql {

/// Brings a schema forward, one transaction per migration, under a lock: of several processes that
/// start at once, each finds what the others have done.
class Migrator {
 public:
  Migrator(ConnectionPool& pool, const Statements& statements)
      : pool_{pool}, statements_{statements} {}

  /// Returns the names applied. Waits a minute for another process that does the same, then throws
  /// `Error{unavailable}`. Throws `Error{invalid}` for a schema that is newer than this
  /// program or was made by migrations of another text.
  [[nodiscard]] std::vector<std::string> migrate();
  [[nodiscard]] std::vector<std::string> pending();

 private:
  [[nodiscard]] std::vector<const Migration*> missing_from(Connection& connection) const;
  enum class Step { applied, nothing_left, locked };

  [[nodiscard]] Step apply_next(std::string& name);
  void apply(Connection& connection, const Migration& migration);

  ConnectionPool& pool_;
  const Statements& statements_;
};

}  // namespace errand::sql
