#include "conformance/job_store_conformance.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

TEST_P(JobStoreConformance, AFinishedLinkInsertsTheNext) {
  PreparedJob first_link = cron("c", now());
  first_link.timezone = "Europe/Berlin";
  first_link.misfire = Misfire::skip;
  first_link.meta = R"({"m":1})";
  submit(first_link);
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  Transition done = success();
  done.next_slot = now() + 60s;
  EXPECT_TRUE(record_one(first, done));
  advance(60s);
  const auto second = claim_one(worker);
  EXPECT_EQ(second.due, now());
  EXPECT_EQ(second.cron_slot, now());
  EXPECT_EQ(second.attempt, 1);
  EXPECT_EQ(second.crash_count, 0);
  EXPECT_EQ(second.cron_schedule, first.cron_schedule);
  EXPECT_EQ(second.timezone, first.timezone);
  EXPECT_EQ(second.misfire, Misfire::skip);
  EXPECT_EQ(second.meta, first.meta);
  EXPECT_EQ(second.rescheduled_from_job, first.id);
  EXPECT_FALSE(second.root_job);
}

TEST_P(JobStoreConformance, TheSecondWriterOfANextLinkAddsNothing) {
  submit(cron("c", now()));
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  submit(cron("c", now() + 30s));
  Transition done = success();
  done.next_slot = now() + 60s;
  EXPECT_TRUE(record_one(first, done));
  EXPECT_EQ(count("started IS NULL"), 1);
}

TEST_P(JobStoreConformance, ARetryOfALinkIsTheChainsLiveLink) {
  submit(cron("c", now()));
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  Transition failed = failure();
  failed.retry_delay = 1s;
  EXPECT_TRUE(record_one(first, failed));
  EXPECT_FALSE(jobs().ensure_cron(cron("c", now() + 60s)) && count("started IS NULL") != 1);
  advance(1s);
  const auto retry = claim_one(worker);
  EXPECT_EQ(retry.attempt, 2);
  EXPECT_EQ(retry.cron_schedule, first.cron_schedule);
  EXPECT_EQ(retry.cron_slot, first.cron_slot);
}

TEST_P(JobStoreConformance, ARetryBesideALiveLinkIsNotOne) {
  submit(cron("c", now()));
  const auto worker = begin_worker();
  const auto first = claim_one(worker);
  submit(cron("c", now() + 60s));
  Transition failed = failure();
  failed.retry_delay = 1s;
  EXPECT_TRUE(record_one(first, failed));
  EXPECT_EQ(count("started IS NULL AND cron_schedule IS NOT NULL"), 1);
  EXPECT_EQ(count("started IS NULL AND cron_schedule IS NULL"), 1);
}

TEST_P(JobStoreConformance, ALinkThatGoesBackBesideALiveLinkIsNotOne) {
  submit(cron("c", now()));
  const auto first = claim_one(begin_worker());
  submit(cron("c", now() + 60s));
  EXPECT_TRUE(record_one(first, put_back()));
  EXPECT_EQ(find(first.id).cron_schedule, "");
}

TEST_P(JobStoreConformance, AnOperatorsRetryRevivesAChainThatEnded) {
  const auto id = submit(cron("c", now()));
  jobs().cancel(id);
  EXPECT_EQ(count("finished IS NULL"), 0);
  const auto revived = jobs().retry(id);
  ASSERT_TRUE(revived);
  EXPECT_EQ(find(*revived).cron_schedule, "0 * * * * *");
}

TEST_P(JobStoreConformance, ADeclaredCronGetsItsLinkOnce) {
  EXPECT_TRUE(jobs().ensure_cron(cron("c", now() + 60s)));
  EXPECT_FALSE(jobs().ensure_cron(cron("c", now() + 120s)));
  EXPECT_EQ(count("1 = 1"), 1);
  EXPECT_EQ(count("due = " + home_->instant(now() + 60s)), 1);
}

TEST_P(JobStoreConformance, ARunningLinkIsALiveLink) {
  jobs().ensure_cron(cron("c", now()));
  claim_one(begin_worker());
  EXPECT_FALSE(jobs().ensure_cron(cron("c", now() + 60s)));
  EXPECT_EQ(count("1 = 1"), 1);
}

TEST_P(JobStoreConformance, AWaitingLinkFollowsItsDeclaration) {
  jobs().ensure_cron(cron("c", now() + 60s));
  PreparedJob changed = cron("c", now() + 90s);
  changed.cron_schedule = "30 * * * * *";
  changed.timezone = "Europe/Berlin";
  changed.queue = "reports";
  EXPECT_TRUE(jobs().ensure_cron(changed));
  EXPECT_FALSE(jobs().ensure_cron(changed));
  const auto crons = reader().crons();
  ASSERT_THAT(crons, SizeIs(1));
  const Job link = find(crons[0].next_job.value());
  EXPECT_EQ(link.cron_schedule, "30 * * * * *");
  EXPECT_EQ(link.timezone, "Europe/Berlin");
  EXPECT_EQ(link.queue, "reports");
  EXPECT_EQ(link.due, now() + 90s);
}

TEST_P(JobStoreConformance, ADetailThatIsNotTheScheduleMovesNoSlot) {
  jobs().ensure_cron(cron("c", now() + 60s));
  PreparedJob changed = cron("c", now() + 120s);
  changed.priority = 5;
  changed.timeout = 7s;
  EXPECT_TRUE(jobs().ensure_cron(changed));
  const Job link = find(reader().crons().at(0).next_job.value());
  EXPECT_EQ(link.priority, 5);
  EXPECT_EQ(link.timeout, 7s);
  EXPECT_EQ(link.due, now() + 60s);
}

TEST_P(JobStoreConformance, ACronOfAnUnknownTypeFailsAndGoesOn) {
  PreparedJob link = cron("c", now());
  link.type = "gone";
  submit(link);
  begin_worker();
  advance(10s);
  EXPECT_EQ(jobs().fail_unknown_types(5s), 1);
  EXPECT_EQ(count("started IS NULL AND cron_schedule IS NOT NULL"), 1);
}

TEST_P(JobStoreConformance, CronsAreShownWithTheirNextAndLastRun) {
  jobs().ensure_cron(cron("c", now()));
  submit(cron("submitted", now() + 1h));
  const auto first = claim_one(begin_worker());
  Transition done = failure();
  done.next_slot = now() + 60s;
  record_one(first, done);
  const auto crons = reader().crons();
  ASSERT_THAT(crons, SizeIs(2));
  EXPECT_EQ(crons[0].tag, "c");
  EXPECT_EQ(crons[0].type, "work");
  EXPECT_EQ(crons[0].schedule, "0 * * * * *");
  EXPECT_EQ(crons[0].next_due, now() + 60s);
  EXPECT_EQ(crons[0].last_finished, now());
  EXPECT_EQ(crons[0].last_success, false);
  EXPECT_EQ(crons[1].tag, "submitted");
  EXPECT_FALSE(crons[1].last_finished);
}

}  // namespace
}  // namespace errand::testing
