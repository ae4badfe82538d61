#include <gmock/gmock.h>

#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using ::testing::SizeIs;

/// Each would pass over what all others have locked. Of holds of 2,000 jobs there are two at once.
class HoldSlots : public JobHolding {
 protected:
  static constexpr int large = 2000;

  std::vector<ClaimedJob> hold_one_more() {
    submit(job("a"));
    return hold(begin_worker(), large);
  }

  ExchangeResult hold_for(ProcessId worker, const std::vector<std::string>& types) {
    submit(job("a"));
    return jobs().exchange(
        {}, {.process = worker, .limit = large, .types = types, .hold = true, .yields = true});
  }

  /// By writing the claim, like a worker that would hold `hold_target`.
  ExchangeResult claim_for(ProcessId worker, int hold_target, bool told = false) {
    const std::vector<std::string> types{"work"};
    return jobs().exchange({},
                           {.process = worker,
                            .limit = large,
                            .types = types,
                            .hold_target = hold_target,
                            .yields = true,
                            .told = told});
  }
};

TEST_P(HoldSlots, AreForAFewAtOnce) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  const auto second = hold_one_more();
  ASSERT_THAT(second, SizeIs(1));
  const auto third = begin_worker();
  const auto left = hold_for(third, {"work"});
  EXPECT_THAT(left.claimed, SizeIs(0));
  EXPECT_TRUE(left.left_to_holders);
  end_hold(second[0].process, {completion(second[0], success())});
  const auto taken = hold_for(third, {"work"});
  EXPECT_THAT(taken.claimed, SizeIs(2));
  EXPECT_FALSE(taken.left_to_holders);
}

TEST_P(HoldSlots, OfSmallHoldsAreMany) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  submit(job("a"));
  EXPECT_THAT(hold(begin_worker(), large / 2), SizeIs(1)) << "three of a thousand";
}

TEST_P(HoldSlots, AreTakenAlsoToWriteTheClaimsOfShortJobs) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  const auto second = hold_one_more();
  ASSERT_THAT(second, SizeIs(1));
  submit(job("a"));
  const auto writer = begin_worker();
  const auto left = claim_for(writer, large);
  EXPECT_THAT(left.claimed, SizeIs(0));
  EXPECT_TRUE(left.left_to_holders);
  end_hold(second[0].process, {completion(second[0], success())});
  EXPECT_THAT(claim_for(writer, large).claimed, SizeIs(1));
}

TEST_P(HoldSlots, AreNotWaitedForByWhoWritesClaimsAndDoesNotKnowItsJobs) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  submit(job("a"));
  EXPECT_THAT(claim_for(begin_worker(), 0).claimed, SizeIs(1));
}

TEST_P(HoldSlots, AreNotWaitedForByWhoIsToldOfAJob) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  submit(job("a"));
  EXPECT_THAT(claim_for(begin_worker(), large, true).claimed, SizeIs(1));
}

TEST_P(HoldSlots, AreNotWaitedForByWhoWritesClaimsBesideHoldersThatStandStill) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  submit(job("a"));
  const auto writer = begin_worker();
  ASSERT_TRUE(claim_for(writer, large).left_to_holders);
  advance(milliseconds{250});
  EXPECT_THAT(claim_for(writer, large).claimed, SizeIs(1));
}

TEST_P(HoldSlots, AreNotWaitedForByWorkersOfOtherTypes) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  EXPECT_THAT(hold_for(begin_worker(), {"work", "rest"}).claimed, SizeIs(1));
}

TEST_P(HoldSlots, AreNotWaitedForByWorkersOfOtherQueues) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  submit(job("a"));
  const std::vector<std::string> types{"work"};
  const std::vector<QueueLimit> queues{{"default", 0}};
  const auto worker = begin_worker();
  const auto held = jobs().exchange({},
                                    {.process = worker,
                                     .limit = large,
                                     .types = types,
                                     .queues = queues,
                                     .hold = true,
                                     .yields = true});
  EXPECT_THAT(held.claimed, SizeIs(1));
}

TEST_P(HoldSlots, AreKeptFromWhoWaitsAsLongAsOthersGetOn) {
  jobs().submit(std::vector<PreparedJob>(2500, job("a")));
  ASSERT_THAT(hold(begin_worker(), large / 2), SizeIs(large / 2));
  ASSERT_THAT(hold(begin_worker(), large / 2), SizeIs(large / 2));
  const auto other = begin_worker();
  const std::vector<std::string> types{"work"};
  ClaimRequest waiting{.process = other,
                       .limit = large / 2,
                       .types = types,
                       .hold = true,
                       .yields = true,
                       .left_before = true};
  EXPECT_TRUE(jobs().exchange({}, waiting).left_to_holders) << "one of three slots is free";
  advance(milliseconds{250});
  EXPECT_THAT(jobs().exchange({}, waiting).claimed, SizeIs(500)) << "they stand still";
}

TEST_P(HoldSlots, AreNotWaitedForByWhoTakesOnlySoManyOfAQueue) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  submit(job("a"));
  const std::vector<std::string> types{"work"};
  const auto claimed =
      jobs()
          .exchange({}, {.process = begin_worker(), .limit = large, .types = types, .hold = true})
          .claimed;
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_FALSE(claimed[0].held);
}

TEST_P(HoldSlots, OfHoldersThatStandStillAreDoubled) {
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  const auto third = begin_worker();
  const auto fourth = begin_worker();
  const auto fifth = begin_worker();
  for (const ProcessId other : {third, fourth, fifth})
    ASSERT_TRUE(hold_for(other, {"work"}).left_to_holders);
  advance(milliseconds{249});
  EXPECT_TRUE(hold_for(third, {"work"}).left_to_holders);
  advance(milliseconds{1});
  EXPECT_THAT(hold_for(third, {"work"}).claimed, SizeIs(5)) << "what was left, and one more";
  EXPECT_TRUE(hold_for(fourth, {"work"}).left_to_holders) << "somebody gets on";
  if (GetParam().name == "pgbouncer")  // it has four sessions
    return;
  advance(milliseconds{250});
  EXPECT_THAT(hold_for(fourth, {"work"}).claimed, SizeIs(2));
  EXPECT_TRUE(hold_for(fifth, {"work"}).left_to_holders);
  advance(milliseconds{250});
  EXPECT_TRUE(hold_for(fifth, {"work"}).left_to_holders) << "as many again, and no more";
}

TEST_P(HoldSlots, AreNotWaitedForLongerBecauseWorkersOfOtherTypesGetOn) {
  if (GetParam().name == "pgbouncer")  // it has four sessions
    return;
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  ASSERT_THAT(hold_one_more(), SizeIs(1));
  const auto third = begin_worker();
  ASSERT_TRUE(hold_for(third, {"work"}).left_to_holders);
  ASSERT_THAT(hold_for(begin_worker({"work", "rest"}), {"work", "rest"}).claimed, SizeIs(2));
  submit(job("a"));
  advance(milliseconds{250});
  EXPECT_THAT(hold_for(third, {"work"}).claimed, SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(Store,
                         HoldSlots,
                         ::testing::ValuesIn(backends_that_lock()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
