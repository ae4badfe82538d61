#pragma once

#include <chrono>

namespace errand {

/// Wall-clock instants in microseconds since 1970-01-01 UTC: what both databases store.
using TimePoint = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// Instants of a clock that only moves forward and counts suspended time (CLOCK_BOOTTIME);
/// unrelated to the wall.
using SteadyPoint = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// The time, as an object that is passed to whoever needs it. Implementations may be called from
/// any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual TimePoint wall_now() const = 0;
  [[nodiscard]] virtual SteadyPoint steady_now() const = 0;
};

}  // namespace errand
