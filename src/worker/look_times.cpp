#include "worker/look_times.hpp"

#include <algorithm>

#include "base/earlier.hpp"

namespace errand {

SteadyPoint LookTimes::next() const {
  const std::lock_guard lock{mutex_};
  return due_ ? std::min(poll_, *due_) : poll_;
}

void LookTimes::looked(SteadyPoint now,
                       SteadyPoint::duration took,
                       std::optional<SteadyPoint> due) {
  const std::lock_guard lock{mutex_};
  poll_ = now + std::max<SteadyPoint::duration>(poll_interval_, times_as_long * took);
  due_ = due;
}

void LookTimes::node_looked(SteadyPoint now, bool due) {
  const std::lock_guard lock{mutex_};
  poll_ = std::max(poll_, now + intervals_of_trust * poll_interval_);
  if (due)
    keep_earlier(due_, now);
}

void LookTimes::try_again(SteadyPoint at) {
  const std::lock_guard lock{mutex_};
  poll_ = at;
  due_.reset();
}

}  // namespace errand
