#pragma once

#include <errand/config.hpp>
#include <errand/database.hpp>
#include <errand/job_registry.hpp>
#include <errand/socket_manager.hpp>
#include <errand/worker_manager.hpp>
#include <memory>
#include <string>

namespace errand {

class AppParts;

namespace testing {
class TestApp;
}

/// The application: in the server it owns the manager, the sockets and the database; in a worker
/// the same class, with its own database connections and a SocketManager that speaks IPC.
///
/// Constructing one opens nothing but the database, on first use. A program that only submits needs
/// no `start()`.
class ServerApp {
 public:
  /// Throws `Error{invalid}` for a configuration or registry that cannot work.
  ServerApp(Config config, JobRegistry jobs);
  ServerApp(const ServerApp&) = delete;
  ServerApp& operator=(const ServerApp&) = delete;
  ~ServerApp();  ///< same as `shutdown()`

  /// This process was started by a manager to run jobs: call `run()` at once and return what it
  /// returns.
  [[nodiscard]] bool is_worker() const noexcept;

  /// In the server: `start()`, then waits for SIGTERM or SIGINT, then `shutdown()`. In a worker:
  /// runs jobs until told to stop. Returns the process's exit code.
  int run();

  /// Returns once the workers are ready and the port listens. Throws when that cannot be: `invalid`
  /// (configuration), `conflict` (another server has this SQLite file), `unavailable` (database,
  /// port).
  void start();

  /// Stops taking jobs, waits for running ones as long as `SHUTDOWN_GRACE`, stops the rest and puts
  /// them back.
  void shutdown();

  [[nodiscard]] const Config& config() const noexcept;
  [[nodiscard]] const JobRegistry& registry() const noexcept;
  [[nodiscard]] const Log& log() const noexcept;
  [[nodiscard]] Database& database();
  [[nodiscard]] WorkerManager& worker_manager();
  [[nodiscard]] SocketManager& socket_manager();

  /// The port that listens, or 0.
  [[nodiscard]] int port() const noexcept;

  /// Stores a notification and sends it to the user's open connections. Returns its id.
  std::int64_t create_notification(std::int64_t user_id, const Json& data);

  /// A WebSocket token for this user.
  [[nodiscard]] std::string create_user_token(std::int64_t user_id,
                                              milliseconds lifetime = std::chrono::hours{24});

 private:
  friend class testing::TestApp;
  explicit ServerApp(std::unique_ptr<AppParts> parts);

  std::unique_ptr<AppParts> parts_;
};

/// The program around a registry: the verbs of `errand help`. Returns the exit code: 0 done, 1 the
/// thing asked about failed, 2 bad usage, 69 database unreachable, 78 bad configuration.
int main(int argc, char** argv, JobRegistry jobs);

}  // namespace errand
