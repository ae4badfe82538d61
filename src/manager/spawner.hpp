#pragma once

#include <errand/job.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"

namespace errand {

/// What a worker finds where.
inline constexpr int worker_ipc_fd = 3;
inline constexpr int worker_flight_fd = 4;
inline constexpr int worker_audience_fd = 5;

struct SpawnRequest {
  int slot{0};
  const std::vector<std::string>& arguments;  ///< empty = this program, without arguments
  const std::vector<std::pair<std::string, std::string>>& environment;
  int ipc_fd{-1};       ///< becomes descriptor 3 there; stays the caller's here
  int flight_fd{-1};    ///< becomes descriptor 4 there
  int audience_fd{-1};  ///< becomes descriptor 5 there; -1 = there is none
};

struct SpawnedWorker {
  int pid{0};
  UniqueFd pidfd{};  ///< readable once it has ended; empty where the kernel has none
};

/// Starts a worker in a process group of its own, with signals as after login, nothing open but 0
/// to 5, stdin from /dev/null, and this process's environment plus what tells it that it is a
/// worker. Throws `Error{unavailable}` (no process, memory or descriptor left, no such program).
[[nodiscard]] SpawnedWorker spawn_worker(const SpawnRequest& request);

/// How a process ended, as its parent learns it.
struct ExitStatus {
  bool known{true};  ///< false: somebody else in this program reaped it
  int signal{0};
  int exit_code{0};
  std::int64_t peak_rss_bytes{0};
  milliseconds cpu_time{0};
};

/// Reaps this one child if it has ended, and then ends what is left of its process group unless it
/// left in order. Nothing while it lives. Never waits, never touches other children.
[[nodiscard]] std::optional<ExitStatus> try_reap(int pid);

/// Kills the child and its process group, and reaps it, waiting as long as the kernel takes.
void kill_and_reap(int pid);

/// To the process alone.
void send_signal(int pid, int signal);
/// SIGKILL to the process and what it started.
void kill_group(int pid);

/// "worker 2 (pid 4711)"
[[nodiscard]] std::string worker_name(int slot, int pid);

struct DeathFacts {
  int slot{0};
  int pid{0};
  bool expected{false};
  std::size_t jobs_running{0};
};

/// "worker 2 (pid 4711) was killed by signal 11 (Segmentation fault)"
[[nodiscard]] std::string death_sentence(const DeathFacts& facts, const ExitStatus& status);

}  // namespace errand
