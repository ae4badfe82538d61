#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A worker that does not hold, and as many jobs that others do as keep the database busy.
class LeavingToHolders : public JobHolding {
 protected:
  void hold_many() {
    jobs().submit(std::vector<PreparedJob>(3100, job("a")));
    for (int held = 0; held < 2000; held += 1000)
      ASSERT_THAT(hold(begin_worker(), 1000), SizeIs(1000));
  }

  ExchangeResult ask(bool yields, bool told = true, bool left_before = false) {
    const std::vector<std::string> types{"work"};
    return jobs().exchange({},
                           {.process = other_,
                            .limit = 1,
                            .types = types,
                            .yields = yields,
                            .left_before = left_before,
                            .told = told});
  }

  [[nodiscard]] static milliseconds patience() { return milliseconds{locks() ? 250 : 50}; }

  ProcessId other_{begin_worker()};
};

TEST_P(LeavingToHolders, LeavesABacklogBeforeItKnowsThatItsJobsAreShort) {
  hold_many();
  for (const bool told : {true, false}) {
    const auto left = ask(true, told);
    EXPECT_TRUE(left.left_to_holders) << told;
    EXPECT_THAT(left.claimed, IsEmpty()) << told;
  }
  advance(patience() - milliseconds{1});
  EXPECT_TRUE(ask(true).left_to_holders);
  advance(milliseconds{1});
  const auto taken = ask(true);
  EXPECT_FALSE(taken.left_to_holders) << "they stand still";
  EXPECT_THAT(taken.claimed, SizeIs(1));
}

TEST_P(LeavingToHolders, TakesItsShareWhereItMayNotYield) {
  hold_many();
  EXPECT_THAT(ask(false, true).claimed, SizeIs(1));
  EXPECT_THAT(ask(false, false).claimed, SizeIs(1));
}

TEST_P(LeavingToHolders, TakesWhatWaitsBesideFewHeldJobs) {
  jobs().submit(std::vector<PreparedJob>(3100, job("a")));
  ASSERT_THAT(hold(begin_worker(), 1000), SizeIs(1000));
  ASSERT_THAT(hold(begin_worker(), 999), SizeIs(999));
  EXPECT_THAT(ask(true).claimed, SizeIs(1));
}

TEST_P(LeavingToHolders, GoesOnWaitingWhileOthersHoldAnything) {
  jobs().submit(std::vector<PreparedJob>(100, job("a")));
  const auto holder = begin_worker();
  ASSERT_THAT(hold(holder, 10), SizeIs(10));
  EXPECT_TRUE(ask(true, false, true).left_to_holders);
  advance(patience());
  EXPECT_FALSE(ask(true, false, true).left_to_holders) << "they stand still";
}

TEST_P(LeavingToHolders, WakesUpWhenNothingIsLeftAndMoreIsDueLater) {
  PreparedJob later = job("later");
  later.due = Due{milliseconds{500}};
  submit(later);
  const auto none = ask(true, false);
  EXPECT_FALSE(none.left_to_holders);
  EXPECT_EQ(none.next_due, now() + milliseconds{500});
}

INSTANTIATE_TEST_SUITE_P(Store,
                         LeavingToHolders,
                         ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
