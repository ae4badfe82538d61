#include "conformance/job_store_conformance.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_P(JobStoreConformance, AClaimTakesTheJobForTheWorker) {
  PreparedJob full = job("a");
  full.user_id = 42;
  full.retry_policy = "{}";
  full.max_attempts = 4;
  full.auto_reschedule_delay = 7s;
  full.timeout = 9s;
  full.meta = R"({"m":1})";
  full.persistent = true;
  const auto id = submit(full);
  const auto worker = begin_worker();
  advance(1s);
  const auto claimed = claim_one(worker);
  EXPECT_EQ(claimed.id, id);
  EXPECT_EQ(claimed.claim_seq, 1);
  EXPECT_EQ(claimed.attempt, 1);
  EXPECT_EQ(claimed.max_attempts, 4);
  EXPECT_EQ(claimed.tag, "a");
  EXPECT_EQ(claimed.type, "work");
  EXPECT_EQ(claimed.queue, "default");
  EXPECT_EQ(claimed.data, full.data);
  EXPECT_EQ(claimed.user_id, 42);
  EXPECT_EQ(claimed.retry_policy, "{}");
  EXPECT_EQ(claimed.auto_reschedule_delay, 7s);
  EXPECT_EQ(claimed.timeout, 9s);
  EXPECT_EQ(claimed.meta, full.meta);
  EXPECT_TRUE(claimed.persistent);
  EXPECT_EQ(claimed.started, now());
  const Job row = find(id);
  EXPECT_EQ(row.state, JobState::started);
  EXPECT_EQ(row.started, now());
  EXPECT_EQ(row.worker, worker);
  EXPECT_THAT(claim_all(worker).claimed, IsEmpty());
}

TEST_P(JobStoreConformance, AClaimCarriesTheCronsFields) {
  PreparedJob link = cron("c", now());
  link.timezone = "Europe/Berlin";
  link.misfire = Misfire::all;
  submit(link);
  const auto claimed = claim_one(begin_worker());
  EXPECT_EQ(claimed.cron_schedule, link.cron_schedule);
  EXPECT_EQ(claimed.timezone, "Europe/Berlin");
  EXPECT_EQ(claimed.misfire, Misfire::all);
  EXPECT_EQ(claimed.cron_slot, now());
}

TEST_P(JobStoreConformance, LowerPriorityNumbersThenDueThenIdDecideTheOrder) {
  PreparedJob urgent = job("urgent");
  urgent.priority = -1;
  PreparedJob earlier = job("earlier");
  earlier.due = Due{now() - 1min};
  submit(job("first"));
  submit(job("second"));
  submit(earlier);
  submit(urgent);
  EXPECT_THAT(tags_of(claim_all(begin_worker()).claimed),
              ElementsAre("urgent", "earlier", "first", "second"));
}

TEST_P(JobStoreConformance, PriorityCountsAcrossQueues) {
  for (const std::string queue : {"a", "b"})
    for (const int priority : {0, 1}) {
      PreparedJob one = job(queue + std::to_string(priority));
      one.queue = queue;
      one.priority = priority;
      submit(one);
    }
  const auto tags = tags_of(claim_all(begin_worker()).claimed);
  ASSERT_EQ(tags.size(), 4U);
  EXPECT_THAT((std::vector<std::string>{tags[0], tags[1]}), UnorderedElementsAre("a0", "b0"));
  EXPECT_THAT((std::vector<std::string>{tags[2], tags[3]}), UnorderedElementsAre("a1", "b1"));
}

TEST_P(JobStoreConformance, QueuesTakeTurns) {
  for (int index = 0; index < 6; ++index)
    for (const std::string queue : {"a", "b", "c"}) {
      PreparedJob one = job(queue);
      one.queue = queue;
      submit(one);
    }
  const auto worker = begin_worker();
  std::vector<std::string> first;
  for (int turn = 0; turn < 3; ++turn)
    first.push_back(claim_all(worker, 1).claimed.at(0).queue);
  EXPECT_THAT(first, UnorderedElementsAre("a", "b", "c"));
}

TEST_P(JobStoreConformance, TheLimitHoldsAndTheRestStays) {
  for (int index = 0; index < 5; ++index)
    submit(job("t" + std::to_string(index)));
  const auto worker = begin_worker();
  EXPECT_THAT(tags_of(claim_all(worker, 2).claimed), ElementsAre("t0", "t1"));
  EXPECT_THAT(tags_of(claim_all(worker, 2).claimed), ElementsAre("t2", "t3"));
  EXPECT_THAT(claim_all(worker, 0).claimed, IsEmpty());
  EXPECT_EQ(count("started IS NULL"), 1);
}

TEST_P(JobStoreConformance, AJobIsTakenAtItsDueInstantAndNotBefore) {
  PreparedJob later = job("later");
  later.due = Due{10s};
  submit(later);
  const auto worker = begin_worker();
  const auto due = now() + 10s;
  advance(10s - 1us);
  const auto early = claim_all(worker);
  EXPECT_THAT(early.claimed, IsEmpty());
  EXPECT_EQ(early.next_due, due);
  advance(1us);
  EXPECT_THAT(tags_of(claim_all(worker).claimed), ElementsAre("later"));
}

TEST_P(JobStoreConformance, NextDueIsTheEarliestThatWaits) {
  for (const auto delay : {50s, 20s, 30s}) {
    PreparedJob later = job("later");
    later.queue = "q" + std::to_string(delay.count());
    later.due = Due{delay};
    submit(later);
  }
  submit(job("now"));
  const auto worker = begin_worker();
  const auto result = claim_all(worker);
  EXPECT_EQ(result.claimed.size(), 1U);
  EXPECT_EQ(result.next_due, now() + 20s);
  EXPECT_EQ(claim_all(worker).next_due, now() + 20s);
}

TEST_P(JobStoreConformance, NextDueLooksBehindWhatWasJustTaken) {
  PreparedJob later = job("later");
  later.due = Due{20s};
  submit(later);
  submit(job("now"));
  const auto result = claim_all(begin_worker());
  EXPECT_THAT(tags_of(result.claimed), ElementsAre("now"));
  EXPECT_EQ(result.next_due, now() + 20s);
}

TEST_P(JobStoreConformance, NothingIsNextWhenNothingWaits) {
  const auto result = claim_all(begin_worker());
  EXPECT_FALSE(result.next_due);
  EXPECT_EQ(result.now, now());
}

TEST_P(JobStoreConformance, AJobOfAnUnknownTypeIsPassedOver) {
  PreparedJob strange = job("strange");
  strange.type = "strange";
  submit(strange);
  submit(job("known"));
  const auto worker = begin_worker();
  EXPECT_THAT(tags_of(claim_all(worker).claimed), ElementsAre("known"));
  const auto idle = claim_all(worker);
  EXPECT_THAT(idle.claimed, IsEmpty());
  EXPECT_FALSE(idle.next_due);
}

TEST_P(JobStoreConformance, NextDueIsFoundBehindAJobOfAnUnknownType) {
  PreparedJob strange = job("strange");
  strange.type = "strange";
  submit(strange);
  PreparedJob later = job("later");
  later.due = Due{20s};
  submit(later);
  const auto idle = claim_all(begin_worker());
  EXPECT_THAT(idle.claimed, IsEmpty());
  EXPECT_EQ(idle.next_due, now() + 20s);
}

TEST_P(JobStoreConformance, OnlyServedQueuesAreTakenUpToTheirLimits) {
  for (const std::string queue : {"a", "b", "c"})
    for (int index = 0; index < 3; ++index) {
      PreparedJob one = job(queue);
      one.queue = queue;
      submit(one);
    }
  const std::vector<std::string> types{"work"};
  const std::vector<QueueLimit> queues{{"a", 0}, {"b", 2}};
  const auto result = jobs().exchange(
      {}, {.process = begin_worker(), .limit = 100, .types = types, .queues = queues});
  EXPECT_THAT(tags_of(result.claimed), UnorderedElementsAre("a", "a", "a", "b", "b"));
}

TEST_P(JobStoreConformance, APausedQueueIsNotTakenFrom) {
  PreparedJob mail = job("mail");
  mail.queue = "mail";
  submit(mail);
  submit(job("other"));
  execute("INSERT INTO worker_queues (name, paused) VALUES ('mail', true)");
  const auto worker = begin_worker();
  EXPECT_THAT(tags_of(claim_all(worker).claimed), ElementsAre("other"));
  EXPECT_FALSE(claim_all(worker).next_due);
  execute("UPDATE worker_queues SET paused = false");
  EXPECT_THAT(tags_of(claim_all(worker).claimed), ElementsAre("mail"));
}

TEST_P(JobStoreConformance, ADeadWorkerTakesNothing) {
  submit(job("a"));
  const auto worker = begin_worker();
  jobs().end_process(worker, "killed");
  const auto result = claim_all(worker);
  EXPECT_FALSE(result.process_alive);
  EXPECT_THAT(result.claimed, IsEmpty());
  EXPECT_EQ(count("started IS NULL"), 1);
}

TEST_P(JobStoreConformance, TheGivenInstantReplacesTheClock) {
  PreparedJob later = job("later");
  later.due = Due{1h};
  submit(later);
  const std::vector<std::string> types{"work"};
  const auto result =
      jobs().exchange({}, {.process = begin_worker(), .limit = 10, .types = types}, now() + 2h);
  ASSERT_EQ(result.claimed.size(), 1U);
  EXPECT_EQ(result.claimed[0].started, now() + 2h);
  EXPECT_EQ(result.now, now() + 2h);
}

TEST_P(JobStoreConformance, RowsOfOtherProgramsAreServed) {
  execute("INSERT INTO worker_jobs (tag, type, due) VALUES ('foreign', 'work', " +
          home_->instant(now() - 1h) + ")");
  const auto claimed = claim_one(begin_worker());
  EXPECT_EQ(claimed.tag, "foreign");
  EXPECT_EQ(claimed.data, "{}");
  EXPECT_EQ(claimed.queue, "default");
  EXPECT_TRUE(record_one(claimed, success()));
}

TEST_P(JobStoreConformance, ARowThatAnotherProgramCancelledIsNotTaken) {
  const auto unwanted = submit(job("unwanted"));
  const auto wanted = submit(job("wanted"));
  execute("UPDATE worker_jobs SET started = " + home_->instant(now()) +
          ", finished = " + home_->instant(now()) +
          R"(, success = false, result = '{"error":"not wanted"}' WHERE id = )" +
          std::to_string(unwanted));
  EXPECT_THAT(ids_of(claim_all(begin_worker()).claimed), ElementsAre(wanted));
  EXPECT_EQ(find(unwanted).state, JobState::failed);
  EXPECT_EQ(find(unwanted).error, Json({{"error", "not wanted"}}));
}

TEST_P(JobStoreConformance, ARowThatAnotherProgramStartedIsItsOwn) {
  const auto id = submit(job("theirs"));
  execute("UPDATE worker_jobs SET started = " + home_->instant(now()) +
          " WHERE id = " + std::to_string(id));
  const auto worker = begin_worker();
  EXPECT_THAT(claim_all(worker).claimed, IsEmpty());
  EXPECT_THAT(jobs().claims_of(worker), IsEmpty());
  EXPECT_FALSE(record({{id, 0, success()}}).recorded.at(0));
  EXPECT_EQ(find(id).state, JobState::started);
}

TEST_P(JobStoreConformance, AnIdlePollWritesNothing) {
  PreparedJob later = job("later");
  later.due = Due{1h};
  submit(later);
  const auto worker = begin_worker();
  std::thread holder;
  bool claimed_beside = false;
  // Would wait for ever if the poll wanted the writer's place.
  store().database().with_transaction([&](Transaction& tx) {
    tx.execute("UPDATE worker_queues SET paused = false");
    holder = std::thread{[&] {
      claimed_beside = claim_all(worker).claimed.empty();
    }};
    holder.join();
  });
  EXPECT_TRUE(claimed_beside);
}

}  // namespace
}  // namespace errand::testing
