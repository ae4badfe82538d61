#include <future>

#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

class HoldingByLocks : public JobHolding {};

TEST_P(JobStoreConformance, AClaimThatMayHoldTakesTheJobForTheWorker) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const std::vector<std::string> types{"work"};
  const ClaimRequest request{.process = worker, .limit = 10, .types = types, .hold = true};
  const auto claimed = jobs().exchange({}, request).claimed;
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_TRUE(claimed[0].held);
  EXPECT_EQ(claimed[0].claim_seq, 1);
  EXPECT_EQ(claimed[0].started, now());
  EXPECT_EQ(claimed[0].process, worker);
  EXPECT_THAT(claim_all(begin_worker()).claimed, IsEmpty());
  advance(1s);
  const Completion done{id, 1, success("7"), worker, claimed[0].started, {}};
  EXPECT_THAT(jobs().exchange(std::vector{done}, request).recorded, ElementsAre(true));
  const Job row = find(id);
  EXPECT_EQ(row.state, JobState::succeeded);
  EXPECT_EQ(row.started, now() - 1s);
  EXPECT_EQ(row.finished, now());
  EXPECT_EQ(row.worker, worker);
  EXPECT_EQ(row.result, Json(7));
  EXPECT_EQ(count("claim_seq = 1 AND attempt = 1"), 1);
  expect_invariants();
}

TEST_P(JobHolding, NothingIsWrittenUntilTheJobEnds) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  expect_waiting(id, 0);
  EXPECT_THAT(end_hold(worker, {completion(held, failure())}), ElementsAre(true));
  EXPECT_EQ(find(id).state, JobState::failed);
}

TEST_P(JobHolding, WorkersHoldSideBySide) {
  for (const auto* tag : {"a", "b", "c", "d"})
    submit(job(tag));
  const auto first = begin_worker();
  const auto second = begin_worker();
  EXPECT_THAT(tags_of(hold(first, 2)), ElementsAre("a", "b"));
  EXPECT_THAT(tags_of(hold(second, 1)), ElementsAre("c"));
  EXPECT_THAT(tags_of(claim_all(begin_worker()).claimed), ElementsAre("d"));
}

TEST_P(JobHolding, TheNextExchangeRecordsAndHoldsWhatComesNext) {
  submit(job("a"));
  submit(job("b"));
  const auto worker = begin_worker();
  const auto first = hold(worker, 1);
  const auto result = exchange(worker, {completion(first.at(0))}, 1);
  EXPECT_THAT(result.recorded, ElementsAre(true));
  EXPECT_THAT(tags_of(result.claimed), ElementsAre("b"));
  EXPECT_THAT(end_hold(worker, {completion(result.claimed.at(0))}), ElementsAre(true));
  EXPECT_EQ(count("success AND claim_seq = 1"), 2);
}

TEST_P(JobHolding, WhatIsNotNamedAnyMoreIsLetGo) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  hold_one(worker);
  end_hold(worker, {});
  expect_waiting(id, 0);
  EXPECT_EQ(claim_one(begin_worker()).claim_seq, 1);
}

TEST_P(JobHolding, WhatIsPutBackHasHadItsClaim) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  EXPECT_THAT(end_hold(worker, {completion(held, put_back())}), ElementsAre(true));
  expect_waiting(id, 1);
  EXPECT_EQ(count("crash_count = 0 AND attempt = 1"), 1);
}

TEST_P(JobHolding, WhatRunsOnIsClaimedAsIfItHadBeenAllAlong) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  advance(1s);
  exchange(worker, {}, 0, {running(held)});
  const Job row = find(id);
  EXPECT_EQ(row.state, JobState::started);
  EXPECT_EQ(row.started, now() - 1s);
  EXPECT_EQ(row.worker, worker);
  EXPECT_THAT(claim_all(begin_worker()).claimed, IsEmpty());
  EXPECT_TRUE(record_one(held, success()));
  EXPECT_EQ(count("success AND claim_seq = 1"), 1);
}

TEST_P(JobHolding, WhatEndsWhileItsClaimIsWrittenIsRecordedOnce) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  EXPECT_THAT(exchange(worker, {completion(held)}, 0, {running(held)}).recorded, ElementsAre(true));
  EXPECT_EQ(count("success AND claim_seq = 1"), 1);
  EXPECT_THAT(end_hold(worker, {completion(held)}), ElementsAre(true)) << "its answer was lost";
  EXPECT_EQ(count("success AND claim_seq = 1"), 1);
}

TEST_P(JobHolding, ADelayARetryAndTheNextLinkAreWrittenWithTheClaim) {
  submit(cron("cron", now()));
  const auto later = submit(job("later"));
  const auto again = submit(job("again"));
  const auto worker = begin_worker();
  auto held = hold(worker);
  ASSERT_EQ(tags_of(held), (std::vector<std::string>{"cron", "later", "again"}));
  Transition next = success();
  next.next_slot = now() + 60s;
  Transition retried = failure();
  retried.retry_delay = milliseconds{5000};
  EXPECT_THAT(end_hold(worker,
                       {completion(held[0], next),
                        completion(held[1], put_back(milliseconds{3000})),
                        completion(held[2], retried)}),
              ElementsAre(true, true, true));
  EXPECT_EQ(count("tag = 'cron' AND success AND claim_seq = 1"), 1);
  EXPECT_EQ(count("tag = 'cron' AND started IS NULL"), 1);
  EXPECT_EQ(find(later).due, now() + 3s);
  expect_waiting(later, 1);
  EXPECT_EQ(find(again).state, JobState::failed);
  EXPECT_EQ(count("rescheduled_from_job = " + std::to_string(again)), 1);
  expect_invariants();
}

TEST_P(JobHolding, ACompletionThatIsRefusedHoldsUpNoOther) {
  const auto bad = submit(job("bad"));
  const auto good = submit(job("good"));
  home_->refuse_to_finish(bad);
  const auto worker = begin_worker();
  const auto held = hold(worker);
  ASSERT_THAT(held, SizeIs(2));
  EXPECT_THAT(end_hold(worker, {completion(held[0]), completion(held[1])}),
              ElementsAre(false, true));
  EXPECT_EQ(find(good).state, JobState::succeeded);
  expect_waiting(bad, 0);
}

TEST_P(JobHolding, ARefusalInsideSomebodysTransactionEndsIt) {
  const auto bad = submit(job("bad"));
  submit(job("good"));
  home_->refuse_to_finish(bad);
  const auto worker = begin_worker();
  const auto held = hold(worker);
  ASSERT_THAT(held, SizeIs(2));
  const std::vector<Completion> batch{completion(held[0]), completion(held[1])};
  const auto inside = [&] {
    store().database().with_transaction([&](Transaction&) { end_hold(worker, batch); });
  };
  EXPECT_THAT(inside, ThrowsMessage<Error>(HasSubstr("refused"))) << "and not that it has ended";
  EXPECT_EQ(count("finished IS NOT NULL"), 0);
  EXPECT_THAT(end_hold(worker, batch), ElementsAre(false, true)) << "outside, each for itself";
}

TEST_P(JobHolding, WhatHasLostItsLockStaysWithItsHolderAsLongAsThatLives) {
  const auto first = submit(job("a"));
  const auto second = submit(job("b"));
  const auto worker = begin_worker();
  const auto held = hold(worker);
  ASSERT_THAT(held, SizeIs(2));
  lose_the_locks();
  submit(job("c"));
  submit(job("d"));
  EXPECT_THAT(tags_of(hold(begin_worker(), 1)), ElementsAre("c"));
  EXPECT_THAT(tags_of(claim_all(begin_worker()).claimed), ElementsAre("d"));
  EXPECT_THAT(end_hold(worker, {completion(held[0])}), ElementsAre(true));
  EXPECT_EQ(find(first).worker, worker);
  EXPECT_THAT(ids_of(claim_all(begin_worker()).claimed), ElementsAre(second)) << "it was let go";
}

TEST_P(JobHolding, NotesThatOverlapAreAllHeldTo) {
  std::vector<JobId> ids;
  for (const auto* tag : {"a", "b", "c", "d"})
    ids.push_back(submit(job(tag)));
  const auto note = [&](ProcessId process, const Json& runs) {
    execute("UPDATE worker_processes SET held_jobs = '" + runs.dump() +
            "' WHERE id = " + std::to_string(process));
  };
  const auto first = begin_worker();
  note(first, {{ids[0], ids[2]}});
  note(begin_worker(), {{ids[1], ids[1]}, {ids[3], ids[3]}});
  EXPECT_THAT(claim_all(begin_worker()).claimed, IsEmpty());
  ASSERT_TRUE(jobs().end_process(first, "gone"));
  EXPECT_THAT(tags_of(claim_all(begin_worker()).claimed), ElementsAre("a", "c"));
}

TEST_P(JobHolding, WhatLostItsLockIsFreeOnceItsHolderIsDead) {
  submit(job("a"));
  submit(job("b"));
  const auto worker = begin_worker();
  const auto held = hold(worker);
  ASSERT_THAT(held, SizeIs(2));
  lose_the_locks();
  ASSERT_TRUE(jobs().end_process(worker, "gone"));
  const auto taken = claim_all(begin_worker(), 1).claimed;
  ASSERT_EQ(tags_of(taken), std::vector<std::string>{"a"});
  EXPECT_THAT(end_hold(worker, {completion(held[0]), completion(held[1])}),
              ElementsAre(false, false))
      << "who knows whether somebody holds the second one";
  EXPECT_TRUE(record_one(taken[0], success()));
  EXPECT_THAT(tags_of(claim_all(begin_worker()).claimed), ElementsAre("b"));
}

TEST_P(JobHolding, AnEndIsStaleWhenAnotherHasHadTheJobMeanwhile) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  lose_the_locks();
  ASSERT_TRUE(jobs().end_process(worker, "gone"));
  EXPECT_TRUE(record_one(claim_one(begin_worker()), put_back()));
  EXPECT_THAT(end_hold(worker, {completion(held)}), ElementsAre(false));
  expect_waiting(id, 1);
}

TEST_P(JobHolding, WhatAnotherProgramTookMeanwhileIsLeftToIt) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  lose_the_locks();
  execute("UPDATE worker_jobs SET started = due WHERE id = " + std::to_string(id));
  exchange(worker, {}, 0, {running(held)});
  EXPECT_FALSE(find(id).worker);
  EXPECT_THAT(end_hold(worker, {completion(held)}), ElementsAre(false));
  EXPECT_EQ(find(id).state, JobState::started);
}

TEST_P(JobHolding, ADeadProcessHoldsNothing) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  ASSERT_TRUE(jobs().end_process(worker, "gone"));
  const auto result = exchange(worker, {});
  EXPECT_THAT(result.claimed, IsEmpty());
  EXPECT_FALSE(result.process_alive);
  expect_waiting(id, 0);
}

TEST_P(JobHolding, AProcessMayBeDeclaredDeadMeanwhileAndThenClaimsNothing) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  ASSERT_TRUE(jobs().end_process(worker, "gone"));
  EXPECT_FALSE(exchange(worker, {}, 0, {running(held)}).process_alive);
  expect_waiting(id, 0);
}

TEST_P(JobHolding, WhatRanWhenItsProcessDiedIsAClaimOfTheDead) {
  const auto id = submit(job("a"));
  submit(job("b"));
  const auto worker = begin_worker();
  const auto held = hold(worker);
  ASSERT_THAT(held, SizeIs(2));
  lose_the_locks();
  ASSERT_TRUE(jobs().end_process(worker, "crashed"));
  jobs().write_claims(worker, std::vector{running(held[0])}, true);
  const auto claims = jobs().claims_of(worker);
  EXPECT_EQ(ids_of(claims), std::vector<JobId>{id});
  EXPECT_EQ(claims.at(0).claim_seq, 1);
  EXPECT_EQ(count("crash_count <> 0"), 0) << "that is for whoever takes the claim back to say";
}

TEST_P(JobHolding, ACrashIsCountedThoughAnotherHasTheJobByThen) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  lose_the_locks();
  ASSERT_TRUE(jobs().end_process(worker, "crashed"));
  const auto other = begin_worker();
  const auto taken = claim_one(other);
  jobs().write_claims(worker, std::vector{running(held)}, false);
  EXPECT_EQ(count("crash_count = 0"), 1);
  jobs().write_claims(worker, std::vector{running(held)}, true);
  EXPECT_EQ(count("crash_count = 1"), 1);
  EXPECT_EQ(find(id).worker, other);
  EXPECT_TRUE(record_one(taken, put_back()));
  EXPECT_EQ(count("crash_count = 1"), 1) << "who knew of fewer crashes takes none back";
}

TEST_P(JobHolding, WhatAnotherHoldsByThenIsNoClaimOfTheDead) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  lose_the_locks();
  ASSERT_TRUE(jobs().end_process(worker, "crashed"));
  const auto other = begin_worker();
  const auto taken = hold_one(other);
  lose_the_locks();
  jobs().write_claims(worker, std::vector{running(held)}, true);
  EXPECT_THAT(jobs().claims_of(worker), IsEmpty());
  EXPECT_THAT(end_hold(other, {completion(taken)}), ElementsAre(true));
  EXPECT_EQ(count("success AND claim_seq = 1"), 1);
}

TEST_P(HoldingByLocks, AWorkerThatThriceMeetsLostHoldsWritesItsClaimInstead) {
  for (const auto* tag : {"a", "b", "c", "d"})
    submit(job(tag));
  for (int each = 0; each < 3; ++each)
    ASSERT_THAT(hold(begin_worker(), 1), SizeIs(1));
  lose_the_locks();
  const auto worker = begin_worker();
  const auto claimed = hold(worker, 1);
  ASSERT_EQ(tags_of(claimed), std::vector<std::string>{"d"});
  EXPECT_FALSE(claimed[0].held);
  EXPECT_EQ(find(claimed[0].id).worker, worker);
  const auto noted = store().database().with_transaction([](Transaction& tx) {
    return tx.query("SELECT id FROM worker_processes WHERE held_jobs IS NOT NULL").size();
  });
  EXPECT_EQ(noted, 3U) << "what it had noted meanwhile is gone";
  EXPECT_TRUE(record_one(claimed[0], success()));
}

TEST_P(HoldingByLocks, ACancelWaitsForTheirEnd) {
  const auto id = submit(job("a"));
  const auto worker = begin_worker();
  const auto held = hold_one(worker);
  auto cancelled = std::async(std::launch::async, [&] { return jobs().cancel(id); });
  const auto waits = [&] {
    return store().database().with_transaction([](Transaction& tx) {
      return tx.query("SELECT count(*) FROM pg_locks WHERE NOT granted").get<std::int64_t>(0, 0) >
             0;
    });
  };
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!waits() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  exchange(worker, {}, 0, {running(held)});
  ASSERT_TRUE(cancelled.get());
  EXPECT_TRUE(find(id).cancel_requested) << "it runs: it is asked to stop";
}

TEST_P(JobHolding, AlikeEndsOfConsecutiveJobsAreRecordedTogetherEachFenced) {
  constexpr int all = 120;
  jobs().submit(std::vector<PreparedJob>(all, job("a")));
  const auto worker = begin_worker();
  const auto held = hold(worker, all);
  ASSERT_THAT(held, SizeIs(all));
  std::vector<Completion> completions;
  for (const ClaimedJob& each : held)
    completions.push_back(completion(each, success(each.id % 2 == 0 ? "" : "1")));
  for (int each = 0; each < all / 2; ++each)
    completions[static_cast<std::size_t>(each)].transition = success("");
  auto expected = std::vector<bool>(all, true);
  constexpr std::size_t stale = 40;
  for (std::size_t each = 0; each < stale; ++each) {
    completions[3 + each].claim_seq = 7;
    expected[3 + each] = false;
  }
  EXPECT_EQ(end_hold(worker, completions), expected);
  EXPECT_EQ(count("success"), all - stale);
  EXPECT_EQ(count("claim_seq = 1"), all - stale);
}

TEST_P(JobHolding, AlikeEndsOfJobsThatAreNotConsecutiveAreRecordedTogetherEachFenced) {
  jobs().submit(std::vector<PreparedJob>(200, job("a")));
  const auto worker = begin_worker();
  const auto held = hold(worker, 200);
  ASSERT_THAT(held, SizeIs(200));
  std::vector<Completion> completions;
  std::vector<bool> expected;
  for (std::size_t each = 0; each < 200; each += 2) {
    const bool stale = each % 5 < 2;
    completions.push_back(completion(held[each], success("")));
    completions.back().claim_seq = stale ? 7 : 1;
    expected.push_back(!stale);
  }
  EXPECT_EQ(end_hold(worker, completions), expected);
  EXPECT_EQ(count("success"), 60);
  EXPECT_EQ(count("claim_seq = 1 AND finished IS NOT NULL AND id % 2 = 1"), 60);
}

std::string name_of(const ::testing::TestParamInfo<Backend>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(Store, JobHolding, ::testing::ValuesIn(backends()), name_of);
INSTANTIATE_TEST_SUITE_P(Store, HoldingByLocks, ::testing::ValuesIn(backends_that_lock()), name_of);

}  // namespace
}  // namespace errand::testing
