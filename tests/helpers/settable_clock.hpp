#pragma once

#include <atomic>
#include <errand/clock.hpp>

namespace errand::testing {

/// Stands still until it is told the time, or to go on by itself.
class SettableClock final : public Clock {
 public:
  [[nodiscard]] TimePoint wall_now() const override {
    return TimePoint{std::chrono::microseconds{wall_us_.load()}};
  }

  [[nodiscard]] SteadyPoint steady_now() const override {
    return SteadyPoint{std::chrono::microseconds{steady_us_ += step_us_}};
  }

  void set(TimePoint instant) { wall_us_ = instant.time_since_epoch().count(); }

  void advance(std::chrono::microseconds duration) { wall_us_ += duration.count(); }

  void advance_steady(std::chrono::microseconds duration) { steady_us_ += duration.count(); }

  /// The steady time is so much later each time that it is asked for.
  void step_steady(std::chrono::microseconds step) { step_us_ = step.count(); }

 private:
  std::atomic<std::int64_t> wall_us_{1'800'000'000'000'000};  // 2027-01-15T08:00:00Z
  mutable std::atomic<std::int64_t> steady_us_{0};
  std::atomic<std::int64_t> step_us_{0};
};

}  // namespace errand::testing
