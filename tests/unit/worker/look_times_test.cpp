#include "worker/look_times.hpp"

#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::chrono_literals;

SteadyPoint at(milliseconds ms) {
  return SteadyPoint{ms};
}

TEST(LookTimes, LooksAtOnceAndThenEachInterval) {
  LookTimes times{1s};
  EXPECT_LE(times.next(), at(0ms));
  times.looked(at(0ms), 5ms, {});
  EXPECT_EQ(times.next(), at(1s));
}

TEST(LookTimes, LooksATwentiethOfTheTimeAtMost) {
  LookTimes times{1s};
  times.looked(at(0ms), 100ms, {});
  EXPECT_EQ(times.next(), at(2s));
}

TEST(LookTimes, LooksWhenSomethingIsDue) {
  LookTimes times{1s};
  times.looked(at(0ms), 100ms, at(300ms));
  EXPECT_EQ(times.next(), at(300ms));
}

TEST(LookTimes, LooksLaterWhileItsNodeLooks) {
  LookTimes times{1s};
  times.looked(at(0ms), 5ms, {});
  for (auto now = 700ms; now < 10s; now += 1s) {
    times.node_looked(at(now), false);
    EXPECT_EQ(times.next(), at(now + 2s));
  }
}

TEST(LookTimes, LooksWhenItsNodeSaysThatSomethingIsDue) {
  LookTimes times{1s};
  times.looked(at(0ms), 5ms, {});
  times.node_looked(at(500ms), true);
  EXPECT_EQ(times.next(), at(500ms));
  times.node_looked(at(600ms), true);
  EXPECT_EQ(times.next(), at(500ms)) << "that look is still to come";
}

/// The node may have looked just before: a retry was recorded, or jobs were left to others.
TEST(LookTimes, TrustsWhatItKnowsMoreThanItsNode) {
  LookTimes times{1s};
  times.looked(at(0ms), 5ms, at(200ms));
  times.node_looked(at(1ms), false);
  EXPECT_EQ(times.next(), at(200ms));
  times.looked(at(200ms), 5ms, {});
  EXPECT_EQ(times.next(), at(1200ms)) << "that is over";
}

TEST(LookTimes, ANodeIsNoReasonToLookEarlier) {
  LookTimes times{1s};
  times.looked(at(0ms), 500ms, {});
  times.node_looked(at(1s), false);
  EXPECT_EQ(times.next(), at(10s));
}

TEST(LookTimes, TriesAgainWhenItIsTold) {
  LookTimes times{1s};
  times.looked(at(0ms), 5ms, at(10ms));
  times.try_again(at(100ms));
  EXPECT_EQ(times.next(), at(100ms));
}

}  // namespace
}  // namespace errand
