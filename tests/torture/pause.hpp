#pragma once

#include <atomic>
#include <cstdint>

namespace errand::torture {

/// Returns at the instant (CLOCK_BOOTTIME, microseconds), or a little after `stopping` became true.
void pause_until(std::int64_t instant_us, const std::atomic<bool>& stopping);

}  // namespace errand::torture
