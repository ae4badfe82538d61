#include "conformance/job_store_conformance.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

TEST_P(JobStoreConformance, ASuccessIsWrittenWithItsResult) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  advance(3s);
  EXPECT_TRUE(record_one(claimed, success(R"({"width":80})")));
  const Job done = find(claimed.id);
  EXPECT_EQ(done.state, JobState::succeeded);
  EXPECT_EQ(done.finished, now());
  EXPECT_EQ(done.success, true);
  EXPECT_EQ(done.outcome, "succeeded");
  EXPECT_EQ(done.reason, "");
  EXPECT_EQ(done.result, (Json{{"width", 80}}));
  EXPECT_EQ(done.error, nullptr);
  EXPECT_EQ(done.remove_at, now() + 1h);
  EXPECT_EQ(count("finished IS NULL"), 0);
}

TEST_P(JobStoreConformance, AFailureIsWrittenWithItsError) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  EXPECT_TRUE(record_one(claimed, failure()));
  const Job done = find(claimed.id);
  EXPECT_EQ(done.state, JobState::failed);
  EXPECT_EQ(done.reason, "error");
  EXPECT_EQ(done.error, (Json{{"error", "no luck"}}));
  EXPECT_EQ(done.result, nullptr);
  EXPECT_EQ(done.remove_at, now() + 24h * 7);
}

TEST_P(JobStoreConformance, ACancelledRunIsWrittenAsCancelled) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  Transition cancelled;
  cancelled.state = JobState::cancelled;
  cancelled.reason = "cancelled";
  EXPECT_TRUE(record_one(claimed, cancelled));
  EXPECT_EQ(find(claimed.id).state, JobState::cancelled);
}

TEST_P(JobStoreConformance, ARowsOwnRemoveDelayWinsAndPersistentRowsHaveNone) {
  PreparedJob own = job("own");
  own.remove_delay = 5min;
  PreparedJob kept = job("kept");
  kept.persistent = true;
  submit(own);
  submit(kept);
  const auto claimed = claim_all(begin_worker()).claimed;
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_TRUE(record_one(claimed[0], success()));
  EXPECT_TRUE(record_one(claimed[1], success()));
  EXPECT_EQ(find(claimed[0].id).remove_at, now() + 5min);
  EXPECT_FALSE(find(claimed[1].id).remove_at);
}

TEST_P(JobStoreConformance, ARetryIsANewRowOfTheSameChain) {
  PreparedJob full = job("a");
  full.user_id = 42;
  full.queue = "mail";
  full.priority = 2;
  full.retry_policy = "{}";
  full.max_attempts = 3;
  full.unique_key = "u";
  full.timeout = 5s;
  full.meta = R"({"m":1})";
  full.persistent = true;
  submit(full);
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  Transition failed = failure();
  failed.retry_delay = 10s;
  failed.crash_count = 2;
  EXPECT_TRUE(record_one(first, failed));
  EXPECT_EQ(claim_all(worker).next_due, now() + 10s);
  advance(10s);
  const auto second = claim_one(worker);
  EXPECT_EQ(second.attempt, 2);
  EXPECT_EQ(second.claim_seq, 1);
  EXPECT_EQ(second.rescheduled_from_job, first.id);
  EXPECT_EQ(second.root_job, first.id);
  EXPECT_EQ(second.crash_count, 2);
  EXPECT_EQ(second.data, first.data);
  EXPECT_EQ(second.user_id, 42);
  EXPECT_EQ(second.queue, "mail");
  EXPECT_EQ(second.priority, 2);
  EXPECT_EQ(second.max_attempts, 3);
  EXPECT_EQ(second.timeout, 5s);
  EXPECT_EQ(second.meta, first.meta);
  EXPECT_TRUE(second.persistent);
  EXPECT_EQ(find(second.id).unique_key, "u");
  EXPECT_TRUE(record_one(second, failed));
  advance(10s);
  const auto third = claim_one(worker);
  EXPECT_EQ(third.attempt, 3);
  EXPECT_EQ(third.rescheduled_from_job, second.id);
  EXPECT_EQ(third.root_job, first.id);
  EXPECT_EQ(reader().attempts_of(second.id).size(), 3U);
  EXPECT_EQ(reader().last_attempt(first.id)->id, third.id);
}

TEST_P(JobStoreConformance, AJobThatGoesBackKeepsItsAttemptAndItsClaimNumber) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  jobs().cancel(first.id);
  Transition back = put_back(5s);
  back.crash_count = 1;
  EXPECT_TRUE(record_one(first, back));
  const Job row = find(first.id);
  EXPECT_EQ(row.state, JobState::scheduled);
  EXPECT_EQ(row.due, now() + 5s);
  EXPECT_EQ(row.attempt, 1);
  EXPECT_EQ(row.crash_count, 1);
  EXPECT_FALSE(row.worker);
  EXPECT_TRUE(row.cancel_requested) << "whoever claims it next ends it";
  advance(5s);
  const auto second = claim_one(worker);
  EXPECT_EQ(second.claim_seq, 2);
  EXPECT_TRUE(second.cancel_requested);
}

// PostgreSQL may lose a claim when it crashes, for claims are not flushed.
TEST_P(JobStoreConformance, AClaimThatTheServerLostIsStaleAlthoughItsNumberIsGivenOutAgain) {
  constexpr int jobs_in_all = 40;
  for (int each = 0; each < jobs_in_all; ++each)
    submit(job("a"));
  const auto stale = claim_all(begin_worker(), jobs_in_all).claimed;
  execute("UPDATE worker_jobs SET started = NULL, claimed_by = NULL, claim_seq = 0");
  const auto current = claim_all(begin_worker(), jobs_in_all).claimed;
  ASSERT_EQ(stale.size(), static_cast<std::size_t>(jobs_in_all));
  ASSERT_EQ(current.size(), stale.size());
  EXPECT_EQ(current[0].claim_seq, stale[0].claim_seq);
  EXPECT_NE(current[0].process, stale[0].process);

  std::vector<Completion> late;
  std::vector<Completion> late_alike;
  for (const auto& job : stale) {
    late.push_back({job.id, job.claim_seq, success(std::to_string(job.id)), job.process});
    late_alike.push_back({job.id, job.claim_seq, success(), job.process});
  }
  const auto none = std::vector<bool>(stale.size());
  EXPECT_EQ(record(late).recorded, none);
  EXPECT_EQ(record(late_alike).recorded, none);
  EXPECT_FALSE(record_one(stale[0], failure()));
  EXPECT_FALSE(record_one(stale[0], put_back()));
  EXPECT_EQ(count("started IS NOT NULL AND finished IS NULL"), jobs_in_all);

  for (const auto& job : current)
    EXPECT_TRUE(record_one(job, failure()));
  EXPECT_EQ(record(late).recorded, none) << "it was another's run that ended";
  EXPECT_EQ(count("outcome = 'failed'"), jobs_in_all);
}

TEST_P(JobStoreConformance, AStaleRunChangesNothing) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto stale = claim_one(worker);
  ASSERT_TRUE(record_one(stale, put_back()));
  const auto current = claim_one(worker);
  EXPECT_FALSE(record_one(stale, success()));
  EXPECT_FALSE(record_one(stale, failure()));
  EXPECT_FALSE(record_one(stale, put_back()));
  EXPECT_EQ(find(stale.id).state, JobState::started);
  EXPECT_TRUE(record_one(current, success()));
  EXPECT_FALSE(record_one(stale, success()));
  EXPECT_EQ(count("1 = 1"), 1);
}

TEST_P(JobStoreConformance, ManyStaleEndsThatAreAlikeChangeNothing) {
  constexpr int jobs_in_all = 6;
  for (int each = 0; each < jobs_in_all; ++each)
    submit(job("a"));
  const auto worker = begin_worker();
  std::vector<Completion> back;
  std::vector<Completion> late;
  for (const auto& job : claim_all(worker).claimed) {
    back.push_back({job.id, job.claim_seq, put_back(), worker});
    late.push_back({job.id, job.claim_seq, success(), worker});
  }
  EXPECT_EQ(record(back).recorded, std::vector<bool>(jobs_in_all, true));
  EXPECT_THAT(claim_all(worker).claimed, SizeIs(jobs_in_all));
  EXPECT_EQ(record(late).recorded, std::vector<bool>(jobs_in_all, false));
  EXPECT_EQ(count("started IS NOT NULL AND finished IS NULL"), jobs_in_all);
}

TEST_P(JobStoreConformance, ARunThatWentBackCannotFinish) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  ASSERT_TRUE(record_one(claimed, put_back()));
  EXPECT_FALSE(record_one(claimed, success()));
  EXPECT_EQ(find(claimed.id).state, JobState::scheduled);
}

TEST_P(JobStoreConformance, WhatIsPutBackKeepsItsPlaceBeforeWhatCameSince) {
  submit(job("early"));
  const auto worker = begin_worker();
  const auto early = claim_one(worker);
  advance(10s);
  submit(job("late"));
  ASSERT_TRUE(record_one(early, put_back()));
  EXPECT_EQ(find(early.id).due, early.due);
  EXPECT_THAT(tags_of(claim_all(worker, 1).claimed), ElementsAre("early"));
}

TEST_P(JobStoreConformance, ACompletionSentTwiceIsRecordedOnce) {
  submit(job("a"));
  submit(job("b"));
  const auto claimed = claim_all(begin_worker()).claimed;
  Transition failed = failure();
  failed.retry_delay = 1s;
  const std::vector<Completion> batch{{claimed[0].id, claimed[0].claim_seq, failed},
                                      {claimed[1].id, claimed[1].claim_seq, put_back()}};
  EXPECT_THAT(record(batch).recorded, Each(true));
  EXPECT_THAT(record(batch).recorded, Each(true));
  EXPECT_EQ(count("1 = 1"), 3);
}

TEST_P(JobStoreConformance, ALargeBatchSentTwiceKeepsItsFirstEnd) {
  jobs().submit(std::vector<PreparedJob>(80, job("a")));
  std::vector<Completion> batch;
  for (const ClaimedJob& claimed : claim_all(begin_worker()).claimed)
    batch.push_back({claimed.id,
                     claimed.claim_seq,
                     batch.size() < 40 ? success() : success(std::to_string(claimed.id)),
                     claimed.process});
  ASSERT_THAT(batch, SizeIs(80)) << "half of them end alike";
  const auto end = home_->instant(now());
  EXPECT_THAT(record(batch).recorded, Each(true));
  advance(1min);
  EXPECT_THAT(record(batch).recorded, Each(true));
  EXPECT_EQ(count("finished = " + end), 80);
}

TEST_P(JobStoreConformance, WhatAnotherProgramFinishedKeepsTheEndThatItWrote) {
  submit(job("t"));
  const auto claimed = claim_one(begin_worker());
  execute("UPDATE worker_jobs SET finished = " + home_->instant(now()) +
          R"(, success = true, result = '{"by":"them"}' WHERE id = )" + std::to_string(claimed.id));
  Transition retried = failure();
  retried.retry_delay = 10s;
  record_one(claimed, retried);
  EXPECT_EQ(count("root_job IS NOT NULL"), 0) << "no retry follows what did not fail";
  EXPECT_EQ(find(claimed.id).state, JobState::succeeded);
  EXPECT_EQ(find(claimed.id).result, Json({{"by", "them"}}));
}

TEST_P(JobStoreConformance, ACompletionOfAJobThatIsGoneIsStale) {
  EXPECT_THAT(record({{77, 1, success()}, {78, 1, put_back()}}).recorded, Each(false));
}

TEST_P(JobStoreConformance, RecordedTellsForEachCompletionInItsOrder) {
  std::vector<PreparedJob> many(100, job("a"));
  jobs().submit(many);
  const auto claimed = claim_all(begin_worker()).claimed;
  ASSERT_EQ(claimed.size(), 100U);
  std::vector<Completion> batch;
  for (auto job = claimed.rbegin(); job != claimed.rend(); ++job)
    batch.push_back({job->id, job->id % 3 == 0 ? 9 : job->claim_seq, success()});
  const auto recorded = record(batch).recorded;
  for (std::size_t index = 0; index < batch.size(); ++index)
    EXPECT_EQ(recorded[index], batch[index].id % 3 != 0) << index;
  EXPECT_EQ(count("finished IS NULL"), 33);
}

TEST_P(JobStoreConformance, OneBatchMayHoldTwoClaimsOfOneJob) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto stale = claim_one(worker);
  ASSERT_TRUE(record_one(stale, put_back()));
  const auto current = claim_one(worker);
  std::vector<Completion> batch{{stale.id, stale.claim_seq, failure()},
                                {current.id, current.claim_seq, success()}};
  while (batch.size() < 64)
    batch.push_back({static_cast<JobId>(1000 + batch.size()), 1, success()});
  const auto recorded = record(batch).recorded;
  EXPECT_FALSE(recorded[0]);
  EXPECT_TRUE(recorded[1]);
  EXPECT_EQ(find(stale.id).state, JobState::succeeded);
}

TEST_P(JobStoreConformance, ARefusedCompletionDoesNotBlockItsNeighbours) {
  std::vector<PreparedJob> many(70, job("a"));
  jobs().submit(many);
  const auto worker = begin_worker();
  const auto claimed = claim_all(worker).claimed;
  home_->refuse_to_finish(claimed[5].id);
  home_->refuse_to_finish(claimed[64].id);
  std::vector<Completion> batch;
  for (const ClaimedJob& job : claimed)
    batch.push_back({job.id, job.claim_seq, success()});
  submit(job("next"));
  const std::vector<std::string> types{"work"};
  const auto result = jobs().exchange(batch, {.process = worker, .limit = 10, .types = types});
  for (std::size_t index = 0; index < batch.size(); ++index)
    EXPECT_EQ(result.recorded[index], index != 5 && index != 64) << index;
  EXPECT_THAT(tags_of(result.claimed), ElementsAre("next"));
  EXPECT_EQ(count("finished IS NOT NULL"), 68);
}

TEST_P(JobStoreConformance, ARefusalInsideSomebodysTransactionEndsIt) {
  submit(job("bad"));
  submit(job("good"));
  const auto claimed = claim_all(begin_worker()).claimed;
  ASSERT_THAT(claimed, SizeIs(2));
  home_->refuse_to_finish(claimed[0].id);
  std::vector<Completion> batch;
  for (const ClaimedJob& job : claimed)
    batch.push_back({job.id, job.claim_seq, success()});
  const auto inside = [&] {
    store().database().with_transaction([&](Transaction&) { record(batch); });
  };
  EXPECT_THAT(inside, ThrowsMessage<Error>(HasSubstr("refused"))) << "and not that it has ended";
  EXPECT_EQ(count("finished IS NOT NULL"), 0) << "what goes with it, goes with all of it";
  EXPECT_THAT(record(batch).recorded, ElementsAre(false, true)) << "outside, each for itself";
}

TEST_P(JobStoreConformance, ARecordedBatchAndItsNextClaimAreOneCall) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  submit(job("b"));
  const std::vector<std::string> types{"work"};
  const std::vector<Completion> batch{{first.id, first.claim_seq, success()}};
  const auto result = jobs().exchange(batch, {.process = worker, .limit = 5, .types = types});
  EXPECT_THAT(result.recorded, ElementsAre(true));
  EXPECT_THAT(tags_of(result.claimed), ElementsAre("b"));
}

TEST_P(JobStoreConformance, ADeadWorkersFinishedWorkStillCounts) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto claimed = claim_one(worker);
  submit(job("not for the dead"));
  jobs().end_process(worker, "lease over");
  const std::vector<std::string> types{"work"};
  const std::vector<Completion> batch{{claimed.id, claimed.claim_seq, success()}};
  const auto result = jobs().exchange(batch, {.process = worker, .limit = 5, .types = types});
  EXPECT_FALSE(result.process_alive);
  EXPECT_THAT(result.recorded, ElementsAre(true));
  EXPECT_THAT(result.claimed, IsEmpty());
}

TEST_P(JobStoreConformance, AHandlerFinishesItsJobInItsOwnTransaction) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  const Completion completion{claimed.id, claimed.claim_seq, success("7")};
  EXPECT_THROW(store().database().with_transaction([&](Transaction& tx) {
    EXPECT_TRUE(jobs().complete_in(tx, completion));
    throw std::runtime_error{"after all not"};
  }),
               std::runtime_error);
  EXPECT_EQ(find(claimed.id).state, JobState::started);
  store().database().with_transaction(
      [&](Transaction& tx) { EXPECT_TRUE(jobs().complete_in(tx, completion)); });
  EXPECT_EQ(find(claimed.id).result, 7);
  store().database().with_transaction([&](Transaction& tx) {
    EXPECT_FALSE(jobs().complete_in(tx, {claimed.id, claimed.claim_seq + 1, success()}));
  });
}

/// As a program would make one that wraps a connection of its own.
class ForeignTransaction final : public Transaction {
 public:
  std::int64_t execute_values(std::string_view /*sql*/,
                              const std::vector<SqlValue>& /*values*/) override {
    return 0;
  }

  SqlRows query_values(std::string_view /*sql*/, const std::vector<SqlValue>& /*values*/) override {
    return {};
  }

  NativeHandle native_handle() override { return NativeHandle{static_cast<sqlite3*>(nullptr)}; }
};

TEST_P(JobStoreConformance, NoOtherTransactionFinishesAJob) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  ForeignTransaction foreign;
  const auto error = expect_error(ErrorKind::bug, [&] {
    jobs().complete_in(foreign, {claimed.id, claimed.claim_seq, success()});
  });
  EXPECT_THAT(error.what(), HasSubstr("errand's database did not open"));
  EXPECT_EQ(find(claimed.id).state, JobState::started);
}

TEST_P(JobStoreConformance, TheLastProgressGoesWithTheCompletion) {
  submit(job("a"));
  submit(job("b"));
  const auto claimed = claim_all(begin_worker()).claimed;
  ASSERT_THAT(claimed, SizeIs(2));
  const Progress half{0.5, "half"};
  record({{claimed[0].id, claimed[0].claim_seq, success(), claimed[0].process, {}, half},
          {claimed[1].id, claimed[1].claim_seq + 1, success(), claimed[1].process, {}, half}});
  const Job done = find(claimed[0].id);
  EXPECT_EQ(done.state, JobState::succeeded);
  ASSERT_TRUE(done.progress);
  EXPECT_EQ(done.progress->done, 0.5);
  EXPECT_EQ(done.progress->note, "half");
  EXPECT_FALSE(find(claimed[1].id).progress) << "it was another claim's";
}

TEST_P(JobStoreConformance, ProgressIsKeptOnlyForTheClaimThatMadeIt) {
  submit(job("a"));
  const auto claimed = claim_one(begin_worker());
  const std::vector<ProgressUpdate> updates{{claimed.id, claimed.claim_seq, {0.5, "half"}},
                                            {claimed.id, claimed.claim_seq + 1, {0.9, "stale"}}};
  jobs().set_progress(updates);
  jobs().set_progress({});
  const Job row = find(claimed.id);
  ASSERT_TRUE(row.progress);
  EXPECT_DOUBLE_EQ(row.progress->done, 0.5);
  EXPECT_EQ(row.progress->note, "half");
}

}  // namespace
}  // namespace errand::testing
