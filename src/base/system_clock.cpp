#include "base/system_clock.hpp"

#include <ctime>

namespace errand {
namespace {

std::chrono::nanoseconds read_clock(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

}  // namespace

TimePoint SystemClock::wall_now() const {
  return TimePoint{std::chrono::floor<std::chrono::microseconds>(read_clock(CLOCK_REALTIME))};
}

SteadyPoint SystemClock::steady_now() const {
  return SteadyPoint{read_clock(CLOCK_BOOTTIME)};
}

}  // namespace errand
