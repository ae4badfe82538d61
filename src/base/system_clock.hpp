#pragma once

#include <errand/clock.hpp>

namespace errand {

/// CLOCK_REALTIME and CLOCK_BOOTTIME.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint wall_now() const override;
  [[nodiscard]] SteadyPoint steady_now() const override;
};

}  // namespace errand
