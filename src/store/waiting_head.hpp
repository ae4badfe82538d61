#pragma once

#include <errand/clock.hpp>
#include <errand/job.hpp>
#include <string>

namespace errand::sql {

/// What waits: the first row of one queue and priority, in an unpaused queue.
struct WaitingHead {
  std::string queue{};
  int priority{0};
  TimePoint due{};
  JobId id{0};
  bool spent{false};  ///< a claim has taken all that it could
};

}  // namespace errand::sql
