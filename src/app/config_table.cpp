#include "app/config_table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

#include "app/config_values.hpp"
#include "base/text.hpp"

namespace errand {
namespace {

constexpr std::array<ConfigVariable, 24> variables{{
    {"ERRAND_ENV",
     "development",
     "letters, digits, `-` and `_`",
     "which `.env.<ERRAND_ENV>` is read",
     false,
     config_values::set_environment},
    {"DATABASE_URL",
     "sqlite:errand.db",
     "`sqlite:PATH` or `postgresql://…`",
     "the database; every libpq option, several hosts included",
     true,
     config_values::set_database_url},
    {"WORKER_COUNT",
     "1",
     "`cpus` or 0 to 1024",
     "worker processes; `cpus` counts affinity and the cgroup's quota",
     false,
     config_values::set_worker_count},
    {"WORKER_CONCURRENCY",
     "1",
     "1 to 256",
     "jobs at once in one worker (threads)",
     false,
     config_values::set_number<&Config::worker_concurrency, 1, 256>},
    {"LOG_LEVEL",
     "info",
     "trace, debug, info, warn or error",
     "the least level that the server logs",
     false,
     config_values::set_level<&Config::log_level>},
    {"WORKER_LOG_LEVEL",
     "info",
     "trace, debug, info, warn or error",
     "the least level that workers log",
     false,
     config_values::set_level<&Config::worker_log_level>},
    {"LOG_FORMAT",
     "text",
     "text or json",
     "`text` for people, `json` for programs: one object a line",
     false,
     config_values::set_log_format},
    {"HOST",
     "127.0.0.1",
     "an address or a host name",
     "where HTTP and WebSocket listen; off loopback, `ADMIN_TOKEN` must be set",
     false,
     config_values::set_host},
    {"PORT",
     "3000",
     "0 to 65535",
     "0 takes any free port",
     false,
     config_values::set_number<&Config::port, 0, 65535>},
    {"WEB_ENABLED",
     "true",
     "true or false",
     "`false`: no HTTP and no WebSocket, this node only works",
     false,
     config_values::set_flag<&Config::web_enabled>},
    {"SESSION_ENCRYPTION_KEY",
     "generated file, mode 0600",
     "32 characters or more",
     "signs and checks user tokens (JWT, HS256, claim `userId`)",
     true,
     config_values::set_session_key},
    {"ADMIN_TOKEN",
     "generated, printed at start",
     "visible ASCII characters; off loopback 16 or more",
     "the operator's token",
     true,
     config_values::set_admin_token},
    {"SOCKET_MAX_CONNECTIONS_PER_USER",
     "5",
     "1 to 10000",
     "WebSocket connections of one user",
     false,
     config_values::set_number<&Config::socket_max_connections_per_user, 1, 10'000>},
    {"SOCKET_MAX_TOTAL_CONNECTIONS",
     "10000",
     "1 to 1000000",
     "WebSocket connections of all users",
     false,
     config_values::set_number<&Config::socket_max_total_connections, 1, 1'000'000>},
    {"POLL_INTERVAL",
     "1s",
     "1ms to 1h",
     "how often a node looks for jobs when no wake-up arrives",
     false,
     config_values::
         set_duration<&Config::poll_interval, 1, milliseconds{poll_interval_longest}.count()>},
    {"SHUTDOWN_GRACE",
     "25s",
     "0s to 1d",
     "how long running jobs may go on after SIGTERM; then they are stopped and put back",
     false,
     config_values::set_duration<&Config::shutdown_grace, 0, config_values::ms_per_day>},
    {"REMOVE_DELAY_SUCCEEDED",
     "1h",
     "0s to 3650d",
     "until `removeOldWorkerJobs` may delete a job that succeeded",
     false,
     config_values::
         set_duration<&Config::remove_delay_succeeded, 0, 3650 * config_values::ms_per_day>},
    {"REMOVE_DELAY_FAILED",
     "7d",
     "0s to 3650d",
     "the same for one that failed or was cancelled",
     false,
     config_values::
         set_duration<&Config::remove_delay_failed, 0, 3650 * config_values::ms_per_day>},
    {"WORKER_MAX_JOBS",
     "off",
     "`off` or 1 to 1000000000",
     "a worker is replaced after so many jobs",
     false,
     config_values::set_max_jobs},
    {"WORKER_MAX_RSS",
     "off",
     "`off` or bytes from 1M: `512M`, `2G`",
     "a worker is replaced when it holds more memory",
     false,
     config_values::set_max_rss},
    {"WORKER_MAX_AGE",
     "off",
     "`off` or 1ms to 365d",
     "a worker is replaced when it is older",
     false,
     config_values::set_max_age},
    {"WORKER_QUEUES",
     "all",
     "`all` or names with limits from 1 to 1024: `default,mail:2,reports:1`",
     "queues that this node serves, and how many jobs of each one worker runs at once",
     false,
     config_values::set_queues},
    {"WORKER_ID",
     "set by the manager",
     "0 to 1048576",
     "makes the same program a worker",
     false,
     config_values::set_number<&Config::worker_id, 0, 1'048'576>},
    {"ERRAND_IPC_FD",
     "set by the manager",
     "0 to 1048576",
     "a worker's line to its manager",
     false,
     config_values::set_number<&Config::ipc_fd, 0, 1'048'576>},
}};

/// A user or a password can only follow an `@` or be an option; without either the URL is shown
/// whole.
std::string shown_url(std::string_view url) {
  std::string lower{url};
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (lower.find('@') == std::string::npos && lower.find("password") == std::string::npos)
    return escaped(url);
  const std::size_t colon = lower.find(':');
  const bool scheme = lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == colon;
  return scheme ? escaped(url.substr(0, colon)) + ":…" : "…";
}

}  // namespace

std::span<const ConfigVariable> config_variables() {
  return variables;
}

const ConfigVariable* find_config_variable(std::string_view name) {
  for (const ConfigVariable& variable : variables) {
    if (variable.name == name)
      return &variable;
  }
  return nullptr;
}

std::string shown_value(const ConfigVariable& variable, std::string_view value) {
  if (variable.name == "DATABASE_URL")
    return shown_url(value);
  return variable.secret ? "…" : escaped(value);
}

std::string flag_name(const ConfigVariable& variable) {
  std::string flag = "--";
  for (const char c : variable.name)
    flag += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return flag;
}

std::string config_markdown() {
  std::string text = "| variable | default | allowed | meaning |\n|---|---|---|---|\n";
  for (const ConfigVariable& variable : variables)
    text += fmt::format("| `{}` | {} | {} | {} |\n",
                        variable.name,
                        variable.default_text,
                        variable.allowed,
                        variable.meaning);
  return text;
}

}  // namespace errand
