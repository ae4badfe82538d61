// What held jobs told of their progress is written with their ends. The suite is set up in
// hold_test.cpp.
#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST_P(JobHolding, ProgressGoesWithTheCompletion) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  Completion done = completion(hold_one(worker));
  done.progress = Progress{0.5, "half"};
  EXPECT_THAT(end_hold(worker, {done}), ElementsAre(true));
  const Job row = find(id);
  EXPECT_EQ(row.state, JobState::succeeded);
  ASSERT_TRUE(row.progress);
  EXPECT_EQ(row.progress->done, 0.5);
  EXPECT_EQ(row.progress->note, "half");
}

TEST_P(JobHolding, EachOfManyKeepsItsOwnProgress) {
  constexpr int jobs_held = 200;
  jobs().submit(std::vector<PreparedJob>(jobs_held, job("a")));
  const auto worker = begin_worker();
  const auto held = hold(worker, jobs_held);
  ASSERT_THAT(held, SizeIs(jobs_held));
  std::vector<Completion> ends;
  const auto told_of = [](std::size_t index) {
    return index < 100 ? "half" : index == 150 ? "" : "item " + std::to_string(index);
  };
  for (std::size_t index = 0; index < held.size(); ++index) {
    ends.push_back(completion(held[index]));
    if (const std::string note = told_of(index); !note.empty())
      ends.back().progress = Progress{0.5, note};
  }
  EXPECT_THAT(end_hold(worker, ends), Each(true));
  for (std::size_t index = 0; index < held.size(); ++index)
    EXPECT_EQ(find(held[index].id).progress.value_or(Progress{}).note, told_of(index)) << index;
}

TEST_P(JobHolding, EndsThatTellNothingLeaveTheProgressOfRunsBefore) {
  constexpr int jobs_held = 64;
  for (const bool alike : {true, false}) {
    jobs().submit(std::vector<PreparedJob>(jobs_held, job("a")));
    snooze_with_progress(jobs_held);
    const auto worker = begin_worker();
    std::vector<Completion> ends;
    for (const ClaimedJob& each : hold(worker, jobs_held))
      ends.push_back(completion(each, success(alike ? "" : std::to_string(each.id))));
    EXPECT_THAT(end_hold(worker, ends), AllOf(SizeIs(jobs_held), Each(true)));
    for (const Completion& each : ends)
      EXPECT_EQ(find(each.id).progress.value_or(Progress{}).note, "half") << alike;
  }
}

TEST_P(JobHolding, TheProgressOfAStaleRunIsNotTheNextOnes) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  Completion done = completion(hold_one(worker));
  done.progress = Progress{0.5, "half"};
  lose_the_locks();
  ASSERT_TRUE(jobs().end_process(worker, "gone"));
  EXPECT_EQ(claim_one(begin_worker()).claim_seq, done.claim_seq);
  EXPECT_THAT(end_hold(worker, {done}), ElementsAre(false));
  EXPECT_FALSE(find(id).progress);
}

}  // namespace
}  // namespace errand::testing
