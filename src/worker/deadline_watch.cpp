#include "worker/deadline_watch.hpp"

#include <boost/asio/post.hpp>

namespace errand {

void DeadlineWatch::watch(SteadyPoint deadline) {
  if (awaited_.load() > deadline)
    boost::asio::post(context_, [this, deadline] { arm(deadline); });
}

void DeadlineWatch::arm(SteadyPoint deadline) {
  if (awaited_.load() <= deadline)
    return;
  awaited_ = deadline;
  timer_.expires_after(deadline - clock_.steady_now());
  timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed)
      look();
  });
}

/// What is awaited is forgotten before the check is asked: whoever still sees it is seen by that.
void DeadlineWatch::look() {
  awaited_ = SteadyPoint::max();
  if (const auto next = check_(clock_.steady_now()))
    arm(*next);
}

}  // namespace errand
