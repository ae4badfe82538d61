#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

/// A note keeps nobody waiting: whoever decides honours it.
class HoldingByNotes : public JobHolding {};

TEST_P(HoldingByNotes, MakesARunningJobOfItForWhoeverDecidesAboutIt) {
  const auto cancelled = submit(job("a"));
  const auto deleted = submit(job("b"));
  const auto replaced = submit(job("c"));
  const auto worker = begin_worker();
  const auto held = hold(worker);
  ASSERT_THAT(held, SizeIs(3));
  EXPECT_EQ(jobs().cancel(cancelled)->state, JobState::started);
  EXPECT_TRUE(find(cancelled).cancel_requested) << "it is asked to stop";
  EXPECT_THROW(jobs().remove(deleted), Error);
  PreparedJob newer = job("c");
  newer.on_pending_tag = OnPendingTag::replace;
  submit(newer);
  EXPECT_EQ(find(replaced).state, JobState::started) << "it runs: there is nothing to replace";
  EXPECT_THAT(tags_of(claim_all(begin_worker()).claimed), ElementsAre("c"));
  EXPECT_THAT(end_hold(worker, {completion(held[0]), completion(held[1], put_back())}),
              ElementsAre(true, true));
  EXPECT_EQ(find(cancelled).state, JobState::succeeded);
  expect_waiting(deleted, 1);
  EXPECT_EQ(find(replaced).worker, worker) << "it is claimed, and comes with the next beat";
  EXPECT_TRUE(record_one(held[2], success()));
  EXPECT_EQ(count("claim_seq = 1"), 4);
}

TEST_P(HoldingByNotes, WritesTheClaimsOfManyShortRuns) {
  PreparedJob other = job("other");
  other.type = "other";
  for (int run = 0; run < 9; ++run) {
    submit(job("a"));
    submit(other);
  }
  const auto worker = begin_worker();
  const auto claimed = hold(worker);
  ASSERT_THAT(claimed, SizeIs(9));
  EXPECT_FALSE(claimed[0].held);
  EXPECT_EQ(count("claimed_by = " + std::to_string(worker) + " AND claim_seq = 1"), 9);
  EXPECT_EQ(count("started = due"), 9) << "since when they are held";
  EXPECT_TRUE(record_one(claimed[8], success()));
}

INSTANTIATE_TEST_SUITE_P(Store,
                         HoldingByNotes,
                         ::testing::Values(sqlite_backend()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
