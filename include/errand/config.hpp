#pragma once

#include <chrono>
#include <errand/job.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// However it is set, a worker looks for jobs at least this often.
inline constexpr std::chrono::hours poll_interval_longest{1};

/// A queue this node serves, and how many of its jobs one worker runs at once (0 = as many as it
/// has threads).
struct QueueLimit {
  std::string queue{};
  int limit{0};
};

/// Everything that can be set from outside, with its defaults. docs/configuration.md describes each
/// variable.
struct Config {
  std::string environment{"development"};  ///< ERRAND_ENV
  std::string database_url{"sqlite:errand.db"};
  int worker_count{1};
  int worker_concurrency{1};
  LogLevel log_level{LogLevel::info};
  LogLevel worker_log_level{LogLevel::info};
  bool log_json{false};
  std::string host{"127.0.0.1"};
  int port{3000};  ///< 0 = any free port; `ServerApp::port()` tells which
  bool web_enabled{true};
  std::string
      session_encryption_key{};  ///< empty = read from or generated into a file beside the database
  std::string admin_token{};     ///< empty = generated at start
  int socket_max_connections_per_user{5};
  int socket_max_total_connections{10000};
  milliseconds poll_interval{std::chrono::seconds{1}};  ///< at most `poll_interval_longest`
  milliseconds shutdown_grace{std::chrono::seconds{25}};
  milliseconds remove_delay_succeeded{std::chrono::hours{1}};
  milliseconds remove_delay_failed{std::chrono::hours{24 * 7}};
  int worker_max_jobs{0};                   ///< 0 = off
  std::int64_t worker_max_rss_bytes{0};     ///< 0 = off
  milliseconds worker_max_age{0};           ///< 0 = off
  std::vector<QueueLimit> worker_queues{};  ///< empty = all queues

  /// Set by the manager in a child; a host never sets them.
  std::optional<int> worker_id{};
  std::optional<int> ipc_fd{};

  /// Reads `.env`, `.env.<ERRAND_ENV>`, `.env.local` in the working folder, then the environment;
  /// later ones win. Throws `Error{invalid}` that lists every mistake: the variable, its value,
  /// what is allowed.
  static Config from_env();

  /// The same from given variables only.
  static Config from_variables(const std::map<std::string, std::string>& variables);
};

}  // namespace errand
