#pragma once

#include <array>
#include <cstdint>
#include <errand/job.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace errand::ipc {

/// A small page of memory (memfd) that the worker writes with plain stores and the manager reads
/// when it wants, above all after a death: which jobs ran, since when, by when they must end, and
/// the last log lines. Nothing is sent per job.
class FlightRecorder {
 public:
  static constexpr int lanes_max = 256;  ///< jobs at once in one worker

  struct Running {
    JobId id{0};
    int claim_seq{0};
    SteadyPoint since{};
    std::optional<SteadyPoint> deadline{};  ///< CLOCK_BOOTTIME, the same in both processes
  };

  /// In the manager: a new page. Throws `Error{unavailable}`.
  static std::unique_ptr<FlightRecorder> create();
  /// In the worker: the page behind an inherited descriptor, which is closed. An fd of -1 gives a
  /// private page that nobody reads.
  static std::unique_ptr<FlightRecorder> attach(int fd);

  virtual ~FlightRecorder() = default;

  /// For the spawner; -1 when private.
  [[nodiscard]] virtual int fd() const = 0;

  // worker side: lane = index of the runner thread; one writer per lane
  virtual void job_begins(int lane, const Running& running) = 0;
  virtual void job_ends(int lane) = 0;
  virtual void beat() = 0;
  /// Appends to a ring that keeps the last 4 KiB. Any thread.
  virtual void log_line(std::string_view line) = 0;

  // manager side
  [[nodiscard]] virtual std::vector<Running> running() const = 0;
  [[nodiscard]] virtual std::uint64_t beats() const = 0;
  [[nodiscard]] virtual std::vector<std::string> last_log_lines() const = 0;
  virtual void clear() = 0;
};

}  // namespace errand::ipc
