#pragma once

#include <chrono>

#include <boost/asio/io_context.hpp>

namespace errand::testing {

/// Runs the event loop on this thread until `condition` holds, and says whether it came to that
/// before the deadline.
template <typename Condition>
[[nodiscard]] bool run_until(boost::asio::io_context& context,
                             Condition condition,
                             std::chrono::milliseconds patience = std::chrono::seconds{20}) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return false;
    context.restart();
    context.run_one_for(std::chrono::milliseconds{5});
  }
  return true;
}

/// Runs what is ready and what that makes ready.
inline void run_ready(boost::asio::io_context& context) {
  context.restart();
  context.poll();
}

}  // namespace errand::testing
