#pragma once

#include <errand/clock.hpp>
#include <errand/log.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipc/flight_recorder.hpp"
#include "ipc/message.hpp"

namespace boost::asio {
class io_context;
}

namespace errand {

/// How one worker died, read from its exit status and its flight recorder.
struct ChildDeath {
  int slot{0};
  int pid{0};
  std::int64_t process{0};  ///< row of worker_processes; 0 = it never said that it started
  bool expected{false};     ///< it was told to leave, or said that it does
  int signal{0};            ///< 0 = it exited
  int exit_code{0};
  std::string sentence{};  ///< "worker 2 (pid 4711) was killed by signal 11 (Segmentation fault)"
  std::int64_t peak_rss_bytes{0};
  milliseconds cpu_time{0};
  std::vector<ipc::FlightRecorder::Running> running{};  ///< jobs that ran: blamed unless timed out
  std::vector<ipc::FlightRecorder::Running>
      timed_out{};  ///< jobs for whose deadline the manager killed it: then `running` is unblamed
  std::vector<std::string> last_log_lines{};
};

struct SlotStatus {
  int slot{0};
  std::string state{};  ///< empty starting ready draining terminating killing backing_off
  int pid{0};
  std::int64_t process{0};
  int restarts{0};
};

struct SupervisorOptions {
  int worker_count{1};
  std::vector<std::string> arguments{};  ///< argv of a child; [0] is the program's path
  std::vector<std::pair<std::string, std::string>>
      environment{};  ///< set in children, over this process's own
  milliseconds boot_deadline{std::chrono::seconds{10}};
  milliseconds silence_deadline{std::chrono::seconds{15}};
  milliseconds timeout_grace{
      std::chrono::seconds{2}};  ///< after a job's deadline, before SIGTERM; then 1 s, then SIGKILL
  int audience_fd{-1};           ///< of an ipc::Audience, for the children; stays the caller's
};

struct SupervisorCallbacks {
  /// A message of a worker that is not about supervision; also its Wake, after the siblings heard
  /// of it.
  std::function<void(int slot, std::int64_t process, const ipc::Message&)> on_message{};
  /// Once per life of a worker, after it was reaped.
  std::function<void(const ChildDeath&)> on_death{};
  /// A worker became ready.
  std::function<void(int slot, std::int64_t process, int pid)> on_ready{};
};

/// Keeps `worker_count` child processes alive, in slots numbered from 1. Calls are made from, and
/// callbacks run on, the io_context's one thread, except where stated.
class Supervisor {
 public:
  static std::unique_ptr<Supervisor> create(boost::asio::io_context& context,
                                            std::shared_ptr<const Clock> clock,
                                            Log log,
                                            SupervisorOptions options,
                                            SupervisorCallbacks callbacks);

  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  /// Kills and reaps what still lives. Not from inside a callback.
  virtual ~Supervisor() = default;

  virtual void start() = 0;

  /// Any thread. Tells workers that jobs may be due; many calls become few messages.
  virtual void wake() = 0;

  /// Any thread. The node has looked for all its workers: something is due after so long, and then
  /// one of them sees whether it can have it; nothing = no time is known.
  virtual void node_looked(std::optional<std::chrono::microseconds> due_in) = 0;

  virtual void cancel_job(std::int64_t process, JobId id) = 0;

  /// Asks one worker to leave once its jobs are done; it is replaced.
  virtual void recycle(int slot) = 0;

  /// Drains all; after `grace` tells them to stop and put back, 1 s later SIGTERM, then SIGKILL.
  /// `done` is called when none is left.
  virtual void shutdown(milliseconds grace, std::function<void()> done) = 0;

  [[nodiscard]] virtual std::vector<SlotStatus> status() const = 0;

 protected:
  Supervisor() = default;
};

}  // namespace errand
