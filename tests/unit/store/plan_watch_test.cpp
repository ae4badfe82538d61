// When the plans of a session are doubted.

#include "store/postgresql/plan_watch.hpp"

#include <gtest/gtest.h>

namespace errand::sql {
namespace {

using namespace std::chrono_literals;

TEST(PlanWatch, DoubtsPlansAfterASlowAnswerOnceASecond) {
  const PlanWatch::Clock::time_point start{1h};
  PlanWatch plans;
  plans.answered(start, start + 4ms);
  EXPECT_FALSE(plans.take_doubt(start));
  plans.answered(start, start + 5ms);
  EXPECT_TRUE(plans.take_doubt(start));
  EXPECT_FALSE(plans.take_doubt(start + 2s));
  plans.answered(start, start + 1min);
  EXPECT_TRUE(plans.take_doubt(start + 2s));
  plans.answered(start, start + 5ms);
  plans.answered(start, start + 1ms);
  EXPECT_FALSE(plans.take_doubt(start + 2s + 999ms));
  EXPECT_TRUE(plans.take_doubt(start + 3s));
}

}  // namespace
}  // namespace errand::sql
