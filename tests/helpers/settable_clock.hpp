#pragma once

#include <atomic>
#include <errand/clock.hpp>

namespace errand::testing {

/// Stands still until it is told the time.
class SettableClock final : public Clock {
 public:
  [[nodiscard]] TimePoint wall_now() const override {
    return TimePoint{std::chrono::microseconds{wall_us_.load()}};
  }

  [[nodiscard]] SteadyPoint steady_now() const override { return SteadyPoint{}; }

  void set(TimePoint instant) { wall_us_ = instant.time_since_epoch().count(); }

  void advance(std::chrono::microseconds duration) { wall_us_ += duration.count(); }

 private:
  std::atomic<std::int64_t> wall_us_{1'800'000'000'000'000};  // 2027-01-15T08:00:00Z
};

}  // namespace errand::testing
