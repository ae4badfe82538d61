#include "conformance/job_store_conformance.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(JobStoreConformance, AWorkerIsAliveFromItsBeginningToItsEnd) {
  const auto worker = begin_worker();
  const auto live = jobs().live_processes();
  ASSERT_THAT(live, SizeIs(1));
  EXPECT_EQ(live[0].id, worker);
  EXPECT_EQ(live[0].node, "node-1");
  EXPECT_EQ(live[0].slot, 1);
  EXPECT_EQ(live[0].pid, 4242);
  EXPECT_EQ(live[0].started, now());
  EXPECT_EQ(live[0].beat, now());
  jobs().end_process(worker, "stopped");
  EXPECT_THAT(jobs().live_processes(), IsEmpty());
}

TEST_P(JobStoreConformance, ABeatMovesTheRowAndTellsWhatItHolds) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto claimed = claim_one(worker);
  advance(5s);
  const auto beat = jobs().beat(worker, 1 << 20);
  EXPECT_TRUE(beat.alive);
  ASSERT_THAT(beat.claims, SizeIs(1));
  EXPECT_EQ(beat.claims[0].id, claimed.id);
  EXPECT_EQ(beat.claims[0].claim_seq, claimed.claim_seq);
  EXPECT_FALSE(beat.claims[0].cancel_requested);
  EXPECT_EQ(jobs().live_processes().at(0).beat, now());
  EXPECT_EQ(reader().workers().at(0).rss_bytes, 1 << 20);
  record_one(claimed, success());
  EXPECT_THAT(jobs().beat(worker, 0).claims, IsEmpty());
}

TEST_P(JobStoreConformance, ABeatOfADeadWorkerTellsIt) {
  const auto worker = begin_worker();
  const auto before = now();
  jobs().end_process(worker, "lease over");
  advance(1s);
  jobs().end_process(worker, "said twice");
  EXPECT_FALSE(jobs().beat(worker, 0).alive);
  EXPECT_FALSE(jobs().beat(999, 0).alive);
  const auto row = reader().workers().at(0);
  EXPECT_EQ(row.ended, before);
  EXPECT_EQ(row.end_note, "lease over");
}

TEST_P(JobStoreConformance, AWorkerThatHasBeatenSinceItWasSeenIsNotEnded) {
  const auto worker = begin_worker();
  const auto seen = now();
  advance(5s);
  ASSERT_TRUE(jobs().beat(worker, 0).alive);
  EXPECT_FALSE(jobs().end_process(worker, "taken for dead", {}, seen));
  EXPECT_TRUE(jobs().beat(worker, 0).alive);
  EXPECT_TRUE(jobs().end_process(worker, "taken for dead", {}, now()));
  EXPECT_FALSE(jobs().beat(worker, 0).alive);
}

TEST_P(JobStoreConformance, TheDeadsClaimsAreFoundAndReleased) {
  submit(job("a"));
  submit(job("b"));
  const auto dead = begin_worker();
  const auto held = claim_all(dead).claimed;
  EXPECT_THAT(jobs().dead_processes_with_claims(), IsEmpty());
  jobs().end_process(dead, "killed by signal 9");
  EXPECT_THAT(jobs().dead_processes_with_claims(), ElementsAre(dead));
  const auto claims = jobs().claims_of(dead);
  EXPECT_EQ(ids_of(claims), ids_of(held));
  EXPECT_EQ(claims.at(0).data, held.at(0).data);
  Transition blamed = put_back();
  blamed.crash_count = 1;
  record({{claims[0].id, claims[0].claim_seq, blamed},
          {claims[1].id, claims[1].claim_seq, put_back()}});
  EXPECT_THAT(jobs().dead_processes_with_claims(), IsEmpty());
  const auto again_by = begin_worker();
  const auto again = claim_all(again_by).claimed;
  EXPECT_EQ(ids_of(again), ids_of(held));
  EXPECT_EQ(again[0].crash_count, 1);
  EXPECT_EQ(again[1].crash_count, 0);
  EXPECT_EQ(jobs().beat(again_by, 0).claims.at(0).crash_count, 1);
}

TEST_P(JobStoreConformance, WhereNothingRanNothingIsWritten) {
  const auto worker = begin_worker();
  // Would wait for ever if it wanted the writer's place.
  store().database().with_transaction([&](Transaction& tx) {
    tx.execute("UPDATE worker_processes SET rss_bytes = 7");
    std::thread{[&] {
      jobs().write_claims(worker, {}, true);
    }}.join();
  });
  EXPECT_THAT(jobs().claims_of(worker), IsEmpty());
}

TEST_P(JobStoreConformance, AClaimOfAProcessWithoutARowIsFoundToo) {
  submit(job("a"));
  const auto worker = begin_worker();
  claim_one(worker);
  execute("DELETE FROM worker_processes");
  EXPECT_THAT(jobs().dead_processes_with_claims(), ElementsAre(worker));
}

TEST_P(JobStoreConformance, WorkersAreShownWithWhatTheyRunForAnHourAfterTheirEnd) {
  submit(job("a"));
  const auto running = begin_worker();
  const auto claimed = claim_one(running);
  const auto ended = begin_worker();
  jobs().end_process(ended, "recycled");
  auto workers = reader().workers();
  ASSERT_THAT(workers, SizeIs(2));
  EXPECT_EQ(workers[0].id, running);
  EXPECT_EQ(workers[0].hostname, "host");
  ASSERT_THAT(workers[0].running, SizeIs(1));
  EXPECT_EQ(workers[0].running[0].id, claimed.id);
  EXPECT_EQ(workers[1].end_note, "recycled");
  EXPECT_THAT(workers[1].running, IsEmpty());
  advance(1h);
  EXPECT_THAT(reader().workers(), SizeIs(1));
}

}  // namespace
}  // namespace errand::testing
