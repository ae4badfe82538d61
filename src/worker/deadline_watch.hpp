#pragma once

#include <atomic>
#include <errand/clock.hpp>
#include <functional>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace errand {

/// Waits in the context for the earliest deadline of what runs, and asks then which are over. A
/// timer stays when its job ends before it: the next job's deadline is later, and costs nothing.
class DeadlineWatch {
 public:
  /// Stops what is over at that time; returns the next deadline of what runs.
  using Check = std::function<std::optional<SteadyPoint>(SteadyPoint now)>;

  /// `check` is called in the context's thread. The context and the clock outlive the watch.
  DeadlineWatch(boost::asio::io_context& context, const Clock& clock, Check check)
      : context_{context}, clock_{clock}, check_{std::move(check)} {}

  /// Something that `check` knows by now is to end by then. Any thread.
  void watch(SteadyPoint deadline);

 private:
  void arm(SteadyPoint deadline);
  void look();

  boost::asio::io_context& context_;
  const Clock& clock_;
  Check check_;
  boost::asio::steady_timer timer_{context_};
  std::atomic<SteadyPoint> awaited_{SteadyPoint::max()};
};

}  // namespace errand
