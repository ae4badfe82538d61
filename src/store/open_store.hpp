#pragma once

#include <errand/database.hpp>
#include <functional>
#include <memory>
#include <string>

#include "store/job_store.hpp"
#include "store/node_feed.hpp"

namespace errand {

/// How durable a commit of this process's is. Submitters pay for the disk; a worker's lost claim or
/// completion means one more run.
enum class Durability { full, relaxed };

struct StoreOptions {
  std::string database_url{};
  Durability durability{Durability::full};
  RetentionDefaults retention{};
  std::shared_ptr<const Clock> clock{};  ///< a test's `now`; otherwise it is the system's on
                                         ///< SQLite, the server's on PostgreSQL
};

/// Called once when something has to wait, with the reason.
using ToldToWait = std::function<void(const std::string& why)>;

/// Everything that talks to one database. Its parts stay valid as long as it lives and may be used
/// from any thread: connections are opened on first use, one per simultaneous user, and reused.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  [[nodiscard]] virtual JobStore& jobs() = 0;
  [[nodiscard]] virtual JobReader& reader() = 0;
  [[nodiscard]] virtual NotificationStore& notifications() = 0;
  [[nodiscard]] virtual Database& database() = 0;

  /// To the other nodes of this database; null where there are none: SQLite.
  [[nodiscard]] virtual NodeFeed* feed() noexcept { return nullptr; }

  /// Applies the migrations that are missing; safe to call from several processes at once. Waits,
  /// up to ten minutes, for a server that is starting and for others that migrate or use a table
  /// that must change, and tells once why. Returns the names applied. Throws `Error{invalid}` for a
  /// file that is not a database or whose schema is newer than this program, and
  /// `Error{unavailable}` when it has waited in vain.
  virtual std::vector<std::string> migrate(const ToldToWait& told) = 0;

  std::vector<std::string> migrate() { return migrate({}); }

  /// Names of migrations that `migrate` would apply.
  [[nodiscard]] virtual std::vector<std::string> pending_migrations() = 0;
};

/// Parses the URL and prepares; opens nothing yet. Throws `Error{invalid}` for a URL it does not
/// understand.
[[nodiscard]] std::unique_ptr<Store> open_store(const StoreOptions& options);

/// Where an SQLite URL's file is ("sqlite:errand.db" → "errand.db"); nothing for another kind of
/// database.
[[nodiscard]] std::optional<std::string> sqlite_path(const std::string& database_url);

/// "One main process per file": holds `PATH-server` until destroyed. Throws `Error{conflict}` that
/// says who holds it.
class ServerLock {
 public:
  virtual ~ServerLock() = default;
};

[[nodiscard]] std::unique_ptr<ServerLock> lock_server_file(const std::string& sqlite_path);

}  // namespace errand
