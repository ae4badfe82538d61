#pragma once

#include <chrono>
#include <errand/clock.hpp>
#include <errand/job.hpp>
#include <mutex>
#include <string>
#include <vector>

namespace errand::sql {

/// What waits: the first row of one queue and priority, in an unpaused queue.
struct WaitingHead {
  std::string queue{};
  int priority{0};
  TimePoint due{};
  JobId id{0};
  bool spent{false};  ///< a claim has taken all that it could
};

/// The heads that one process has read and not spent. To read them takes a seek of each queue and
/// priority: where these are many, claims go on with what was read for ten times as long as that
/// took. A claim that has spent all of them reads anew: nobody sleeps because of what he remembers.
/// Safe from any thread.
class HeadMemory {
 public:
  using Clock = std::chrono::steady_clock;

  /// So few are read each time.
  static constexpr std::size_t few = 64;
  static constexpr int times_as_long = 10;

  /// What is remembered, which then is nothing; empty = to be read.
  [[nodiscard]] std::vector<WaitingHead> take(Clock::time_point now);

  /// These were read, in so long.
  void note_read(std::size_t heads, Clock::duration took, Clock::time_point now);

  /// What a claim has left of them; the order stays.
  void keep(std::vector<WaitingHead> heads);

 private:
  std::mutex mutex_{};
  std::vector<WaitingHead> heads_{};
  Clock::time_point good_until_{};
};

}  // namespace errand::sql
