#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A note keeps nobody waiting: whoever decides honours it.
class HoldingByNotes : public JobHolding {
 protected:
  void submit_many(int number) {
    jobs().submit(std::vector<PreparedJob>(static_cast<std::size_t>(number), job("a")));
  }

  /// So many of which no two ids are consecutive.
  void submit_alternating(int number) {
    std::vector<PreparedJob> alternating;
    for (int pair = 0; pair < number; ++pair) {
      alternating.push_back(job("a"));
      alternating.push_back(job("other"));
      alternating.back().type = "other";
    }
    jobs().submit(alternating);
  }
};

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
  expect_waiting(replaced, 1);
}

TEST_P(HoldingByNotes, WhatSomebodyDecidedAboutWaitsAgainUnlessItRuns) {
  const auto runs = submit(job("a"));
  const auto let_go = submit(job("b"));
  const auto worker = begin_worker();
  const auto held = hold(worker);
  ASSERT_THAT(held, SizeIs(2));
  jobs().cancel(runs);
  jobs().cancel(let_go);
  exchange(worker, {}, 0, {running(held[0])});
  EXPECT_EQ(find(runs).worker, worker);
  expect_waiting(let_go, 1);
  EXPECT_TRUE(find(let_go).cancel_requested) << "whoever claims it next ends it";
  exchange(worker, {}, 0);
  EXPECT_EQ(find(runs).worker, worker) << "its claim is no matter of a hold any longer";
  EXPECT_TRUE(record_one(held[0], success()));
}

TEST_P(HoldingByNotes, ACrashIsCountedThoughAnotherHoldsTheJobByThen) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  ASSERT_TRUE(jobs().end_process(worker, "crashed"));
  const auto other = begin_worker();
  const auto taken = hold_one(other);
  jobs().write_claims(worker, std::vector{running(held)}, true);
  EXPECT_EQ(count("crash_count = 1"), 1);
  EXPECT_EQ(find(id).worker, other) << "it is a running job from then on";
  EXPECT_THAT(end_hold(other, {completion(taken)}), ElementsAre(true));
}

TEST_P(HoldingByNotes, LeavesEachOfManyShortRunsToItsHolder) {
  submit_alternating(300);
  const auto holder = begin_worker();
  const auto held = hold(holder, 200);
  ASSERT_THAT(held, SizeIs(200));
  EXPECT_EQ(count("started IS NOT NULL"), 0);
  const auto rest = claim_all(begin_worker(), 300).claimed;
  ASSERT_THAT(rest, SizeIs(100));
  EXPECT_EQ(rest.front().id, held.back().id + 2);
  std::vector<Completion> ends;
  for (const ClaimedJob& job : held)
    ends.push_back(completion(job));
  EXPECT_THAT(end_hold(holder, ends), Each(true));
  EXPECT_EQ(count("success"), 200);
}

TEST_P(HoldingByNotes, MakesARunningJobOfWhatIsReplacedAmongManyShortRuns) {
  submit_alternating(300);
  const auto replaced = submit(job("replaced"));
  submit_alternating(10);
  const auto holder = begin_worker();
  ASSERT_THAT(hold(holder, 400), SizeIs(311));
  PreparedJob newer = job("replaced");
  newer.on_pending_tag = OnPendingTag::replace;
  submit(newer);
  EXPECT_EQ(find(replaced).state, JobState::started);
  EXPECT_EQ(find(replaced).worker, holder);
  EXPECT_EQ(count("started IS NOT NULL"), 1);
}

TEST_P(HoldingByNotes, WritesTheClaimsOfVeryManyShortRuns) {
  submit_alternating(4001);
  const auto worker = begin_worker();
  const auto claimed = hold(worker, 5000);
  ASSERT_THAT(claimed, SizeIs(4001));
  EXPECT_FALSE(claimed[0].held);
  EXPECT_EQ(count("claimed_by = " + std::to_string(worker) + " AND claim_seq = 1"), 4001);
  EXPECT_EQ(count("started = due"), 4001) << "since when they are held";
  EXPECT_TRUE(record_one(claimed[4000], success()));
}

TEST_P(HoldingByNotes, LeavesABacklogToHoldersWhoGetOnWithIt) {
  submit_many(4300);
  const auto holder = begin_worker();
  const auto other = begin_worker();
  std::vector<Completion> ends;
  for (const ClaimedJob& job : hold(holder, 2000))
    ends.push_back(completion(job));
  ASSERT_THAT(ends, SizeIs(2000));
  const auto left = exchange(other, {}, 100);
  EXPECT_TRUE(left.left_to_holders);
  EXPECT_THAT(left.claimed, IsEmpty());
  advance(milliseconds{49});
  EXPECT_TRUE(exchange(other, {}, 100).left_to_holders) << "woken before";
  advance(milliseconds{1});
  ASSERT_THAT(exchange(holder, ends, 2000).claimed, SizeIs(2000));
  EXPECT_TRUE(exchange(other, {}, 100).left_to_holders) << "the holder has got on";
  advance(milliseconds{50});
  const auto taken = exchange(other, {}, 100);
  EXPECT_FALSE(taken.left_to_holders) << "the holder stands still";
  EXPECT_THAT(taken.claimed, SizeIs(100));
  EXPECT_EQ(count("started IS NOT NULL AND finished IS NULL"), 0) << "by a note";
}

TEST_P(HoldingByNotes, LeavesNothingToHoldersWhoWouldNotComeToIt) {
  submit_many(4200);
  ASSERT_THAT(hold(begin_worker(), 2000), SizeIs(2000));
  const std::vector<std::string> queues{"default"};
  EXPECT_THAT(hold(begin_worker({"work"}, queues), 100), SizeIs(100)) << "of other queues";
  EXPECT_THAT(hold(begin_worker({"rest", "work"}), 100), SizeIs(100)) << "of other types";
  EXPECT_THAT(hold(begin_worker(), 100), IsEmpty());
}

TEST_P(HoldingByNotes, LeavesABacklogToHoldersOfTheSameQueues) {
  submit_many(2100);
  const std::vector<std::string> queues{"default"};
  ASSERT_THAT(hold(begin_worker({"work"}, queues), 2000), SizeIs(2000));
  EXPECT_THAT(hold(begin_worker({"work"}, queues), 100), IsEmpty());
  EXPECT_THAT(hold(begin_worker(), 100), SizeIs(100));
}

TEST_P(HoldingByNotes, WaitsAnewForHoldersWhenTheClockWentBack) {
  submit_many(2100);
  const auto other = begin_worker();
  ASSERT_THAT(hold(begin_worker(), 2000), SizeIs(2000));
  ASSERT_TRUE(exchange(other, {}, 100).left_to_holders);
  advance(-std::chrono::hours{1});
  execute("UPDATE worker_jobs SET due = " + home_->instant(now()));
  EXPECT_TRUE(exchange(other, {}, 100).left_to_holders);
  advance(milliseconds{50});
  EXPECT_THAT(exchange(other, {}, 100).claimed, SizeIs(100));
}

TEST_P(HoldingByNotes, WritesTheClaimWhereTheNotesOfOthersAreLong) {
  const auto note_runs = [&](ProcessId process, JobId runs) {
    Json note = Json::array();
    for (JobId run = 0; run < runs; ++run)
      note.push_back({100'000 + 2 * run, 100'000 + 2 * run});
    execute("UPDATE worker_processes SET held_jobs = '" + note.dump() +
            "' WHERE id = " + std::to_string(process));
  };
  const auto holder = begin_worker({"rest", "work"});  // for whom nobody waits
  const auto worker = begin_worker();
  note_runs(holder, 4000);
  submit(job("a"));
  EXPECT_TRUE(hold_one(worker).held);
  note_runs(holder, 4001);
  submit(job("b"));
  const auto claimed = hold(worker);
  ASSERT_EQ(tags_of(claimed), (std::vector<std::string>{"a", "b"})) << "the first was let go";
  EXPECT_FALSE(claimed[0].held || claimed[1].held);
  EXPECT_EQ(count("claimed_by = " + std::to_string(worker)), 2);
}

TEST_P(HoldingByNotes, KeepsNobodyWhoHoldsNothingFromClaiming) {
  submit_many(2001);
  ASSERT_THAT(hold(begin_worker(), 2000), SizeIs(2000));
  EXPECT_THAT(claim_all(begin_worker()).claimed, SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(Store,
                         HoldingByNotes,
                         ::testing::Values(sqlite_backend()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
