#include "conformance/job_store_conformance.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(JobStoreConformance, CancellingAWaitingJobFinishesIt) {
  const auto id = submit(job("a"));
  const auto cancelled = jobs().cancel(id);
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->state, JobState::cancelled);
  EXPECT_EQ(cancelled->reason, "cancelled");
  EXPECT_EQ(cancelled->finished, now());
  EXPECT_EQ(cancelled->remove_at, now() + 24h * 7);
  EXPECT_THAT(claim_all(begin_worker()).claimed, IsEmpty());
}

TEST_P(JobStoreConformance, CancellingARunningJobAsksItToStop) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto claimed = claim_one(worker);
  const auto asked = jobs().cancel(claimed.id);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->state, JobState::started);
  EXPECT_TRUE(asked->cancel_requested);
  const auto beat = jobs().beat(worker, 0);
  ASSERT_THAT(beat.claims, SizeIs(1));
  EXPECT_TRUE(beat.claims[0].cancel_requested);
  EXPECT_TRUE(record_one(claimed, success()));
  EXPECT_EQ(find(claimed.id).state, JobState::succeeded);
}

TEST_P(JobStoreConformance, AFinishedJobCannotBeCancelled) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  record_one(claimed, success());
  expect_error(ErrorKind::conflict, [&] { jobs().cancel(claimed.id); });
  EXPECT_FALSE(jobs().cancel(999));
}

TEST_P(JobStoreConformance, AnOperatorsRetryIsANewAttemptAtOnce) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  Transition failed = failure();
  failed.crash_count = 3;
  record_one(first, failed);
  advance(1min);
  const auto created = jobs().retry(first.id);
  ASSERT_TRUE(created);
  const Job row = find(*created);
  EXPECT_EQ(row.attempt, 2);
  EXPECT_EQ(row.due, now());
  EXPECT_EQ(row.root_job, first.id);
  EXPECT_EQ(row.rescheduled_from_job, first.id);
  EXPECT_EQ(row.crash_count, 0);
  EXPECT_EQ(find(first.id).state, JobState::failed);
}

TEST_P(JobStoreConformance, RetryingAnOldAttemptCountsOnFromTheLast) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  record_one(first, failure());
  jobs().retry(first.id);
  record_one(claim_one(worker), failure());
  const auto third = jobs().retry(first.id);
  ASSERT_TRUE(third);
  EXPECT_EQ(find(*third).attempt, 3);
}

TEST_P(JobStoreConformance, RetryIsRefusedWhileTheChainIsUnfinished) {
  const auto id = submit(job("a"));
  expect_error(ErrorKind::conflict, [&] { jobs().retry(id); });
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  expect_error(ErrorKind::conflict, [&] { jobs().retry(id); });
  record_one(first, failure());
  ASSERT_TRUE(jobs().retry(id));
  expect_error(ErrorKind::conflict, [&] { jobs().retry(id); });
  EXPECT_FALSE(jobs().retry(999));
}

TEST_P(JobStoreConformance, RetryIsRefusedWhenItsUniqueKeyIsTaken) {
  PreparedJob unique = job("a");
  unique.unique_key = "k";
  submit(unique);
  const auto first = claim_one(begin_worker());
  record_one(first, failure());
  submit(unique);
  const auto error = expect_error(ErrorKind::conflict, [&] { jobs().retry(first.id); });
  EXPECT_EQ(error.field(), "uniqueKey");
}

TEST_P(JobStoreConformance, WaitingAndFinishedRowsCanBeRemovedButNotRunningOnes) {
  const auto waiting = submit(job("a"));
  EXPECT_TRUE(jobs().remove(waiting));
  EXPECT_FALSE(reader().find(waiting));
  EXPECT_FALSE(jobs().remove(waiting));
  submit(job("b"));
  const auto claimed = claim_one(begin_worker());
  expect_error(ErrorKind::conflict, [&] { jobs().remove(claimed.id); });
  record_one(claimed, success());
  EXPECT_TRUE(jobs().remove(claimed.id));
}

TEST_P(JobStoreConformance, AnIdIsNeverUsedTwice) {
  const auto first = submit(job("a"));
  jobs().remove(first);
  EXPECT_GT(submit(job("b")), first);
}

TEST_P(JobStoreConformance, OldRowsAreRemovedWhenTheirTimeHasCome) {
  std::vector<PreparedJob> many(5, job("a"));
  many[4].persistent = true;
  jobs().submit(many);
  const auto claimed = claim_all(begin_worker()).claimed;
  for (const ClaimedJob& job : claimed)
    record_one(job, success());
  const auto waiting = submit(job("waiting"));
  advance(1h - 1us);
  EXPECT_EQ(jobs().remove_old(100, 0), 0);
  advance(1us);
  EXPECT_EQ(jobs().remove_old(2, claimed[0].id), 2);
  EXPECT_EQ(jobs().remove_old(2, claimed[0].id), 1);
  EXPECT_EQ(jobs().remove_old(2, claimed[0].id), 0);
  EXPECT_TRUE(reader().find(claimed[0].id));
  EXPECT_TRUE(reader().find(claimed[4].id));
  EXPECT_TRUE(reader().find(waiting));
}

TEST_P(JobStoreConformance, ARowThatBecamePersistentAfterItsEndStays) {
  const auto kept = submit(job("a"));
  record_one(claim_one(begin_worker()), success());
  execute("UPDATE worker_jobs SET persistent = true");
  advance(24h * 30);
  EXPECT_EQ(jobs().remove_old(100, 0), 0);
  EXPECT_TRUE(reader().find(kept));
}

TEST_P(JobStoreConformance, LongDeadWorkersAreForgottenUnlessTheyHoldJobs) {
  submit(job("a"));
  const auto holder = begin_worker();
  claim_one(holder);
  const auto idle = begin_worker();
  jobs().end_process(holder, "killed");
  jobs().end_process(idle, "stopped");
  advance(24h * 8);
  jobs().remove_old(10, 0);
  EXPECT_THAT(jobs().dead_processes_with_claims(), ElementsAre(holder));
  const auto rows = store().database().with_transaction([&](Transaction& tx) {
    return tx.query("SELECT id FROM worker_processes").get<std::int64_t>(0, 0);
  });
  EXPECT_EQ(rows, holder);
}

TEST_P(JobStoreConformance, JobsOfTypesThatNobodyKnowsFailAfterPatience) {
  PreparedJob strange = job("strange");
  strange.type = "gone";
  const auto id = submit(strange);
  const auto known = submit(job("known"));
  begin_worker();
  advance(4s);
  EXPECT_EQ(jobs().fail_unknown_types(5s), 0);
  advance(1s);
  EXPECT_EQ(jobs().fail_unknown_types(5s), 1);
  const Job failed = find(id);
  EXPECT_EQ(failed.state, JobState::failed);
  EXPECT_EQ(failed.reason, "unknown_type");
  EXPECT_EQ(failed.error.at("error"), "Unknown job type: gone");
  EXPECT_EQ(find(known).state, JobState::scheduled);
}

TEST_P(JobStoreConformance, AnyLiveWorkerThatKnowsTheTypeSavesIt) {
  PreparedJob strange = job("strange");
  strange.type = "gone";
  const auto id = submit(strange);
  begin_worker();
  const auto other = begin_worker({"x", "gone"});
  advance(10s);
  EXPECT_EQ(jobs().fail_unknown_types(5s), 0);
  jobs().end_process(other, "stopped");
  EXPECT_EQ(jobs().fail_unknown_types(5s), 1);
  EXPECT_EQ(find(id).state, JobState::failed);
}

TEST_P(JobStoreConformance, WithoutAnyLiveWorkerNoTypeIsCalledUnknown) {
  submit(job("a"));
  advance(1h);
  EXPECT_EQ(jobs().fail_unknown_types(5s), 0);
}

TEST_P(JobStoreConformance, ThousandsOfUnknownJobsFailInOneCall) {
  PreparedJob strange = job("strange");
  strange.type = "gone";
  jobs().submit(std::vector<PreparedJob>(1100, strange));
  begin_worker();
  advance(10s);
  EXPECT_EQ(jobs().fail_unknown_types(5s), 1100);
  EXPECT_EQ(count("reason = 'unknown_type'"), 1100);
}

}  // namespace
}  // namespace errand::testing
