#include "worker/deadline_watch.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/system_clock.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;

class DeadlineWatchTest : public testing::Test {
 protected:
  /// The next deadline, as each look finds it; none = nothing runs.
  std::vector<SteadyPoint> next_{};
  std::vector<SteadyPoint> looks_{};
  std::function<void()> during_look_{};
  SystemClock clock_{};
  boost::asio::io_context context_{1};
  DeadlineWatch watch_{context_, clock_, [this](SteadyPoint now) -> std::optional<SteadyPoint> {
                         looks_.push_back(now);
                         if (during_look_)
                           std::exchange(during_look_, {})();
                         if (next_.empty())
                           return std::nullopt;
                         const SteadyPoint first = next_.front();
                         next_.erase(next_.begin());
                         return first;
                       }};
};

TEST_F(DeadlineWatchTest, LooksOnceADeadlineIsOver) {
  const SteadyPoint deadline = clock_.steady_now() + 2ms;
  watch_.watch(deadline);
  context_.run();
  ASSERT_EQ(looks_.size(), 1U);
  EXPECT_GE(looks_[0], deadline);
}

TEST_F(DeadlineWatchTest, LooksAgainWhenTheNextOneIs) {
  const SteadyPoint now = clock_.steady_now();
  next_ = {now + 3ms, now + 4ms};
  watch_.watch(now + 2ms);
  context_.run();
  ASSERT_EQ(looks_.size(), 3U);
  EXPECT_GE(looks_[1], now + 3ms);
  EXPECT_GE(looks_[2], now + 4ms);
}

TEST_F(DeadlineWatchTest, LooksAtTheEarliestFirst) {
  const SteadyPoint now = clock_.steady_now();
  watch_.watch(now + 1h);
  watch_.watch(now + 2ms);
  context_.run();
  EXPECT_EQ(looks_.size(), 1U);
}

TEST_F(DeadlineWatchTest, LeavesTheContextAloneForWhatIsLaterThanWhatItAwaits) {
  const SteadyPoint now = clock_.steady_now();
  watch_.watch(now + 1h);
  EXPECT_EQ(context_.poll(), 1U);
  watch_.watch(now + 1h);
  watch_.watch(now + 2h);
  EXPECT_EQ(context_.poll(), 0U);
  watch_.watch(now + 1min);
  EXPECT_GT(context_.poll(), 0U);
}

TEST_F(DeadlineWatchTest, SeesWhatIsNamedWhileItLooks) {
  during_look_ = [this] {
    watch_.watch(clock_.steady_now() + 1ms);
  };
  watch_.watch(clock_.steady_now());
  context_.run();
  EXPECT_EQ(looks_.size(), 2U);
}

}  // namespace
}  // namespace errand
