#include "conformance/job_store_conformance.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> tags(const JobPage& page) {
  std::vector<std::string> tags;
  for (const Job& job : page.jobs)
    tags.push_back(job.tag);
  return tags;
}

/// One job in each state, in this order of ids: succeeded, failed, cancelled, started, scheduled.
class Mixed {
 public:
  explicit Mixed(JobStore& jobs, ProcessId worker, PreparedJob job) {
    const std::vector<std::string> types{"work"};
    const auto claim = [&](const std::string& tag) {
      job.tag = tag;
      jobs.submit({&job, 1});
      return jobs.exchange({}, {.process = worker, .limit = 1, .types = types}).claimed.at(0);
    };
    const auto good = claim("good");
    const auto bad = claim("bad");
    Transition failed;
    failed.state = JobState::failed;
    failed.reason = "error";
    failed.result = R"({"error":"the needle broke"})";
    const std::vector<Completion> done{{good.id, good.claim_seq, {}},
                                       {bad.id, bad.claim_seq, failed}};
    jobs.exchange(done, {});
    job.tag = "dropped";
    jobs.cancel(jobs.submit({&job, 1}).at(0).id);
    claim("running");
    job.tag = "waiting";
    jobs.submit({&job, 1});
  }
};

TEST_P(JobStoreConformance, AListShowsTheNewestFirst) {
  const Mixed mixed{jobs(), begin_worker(), job("")};
  EXPECT_THAT(tags(reader().list({})), ElementsAre("waiting", "running", "dropped", "bad", "good"));
}

TEST_P(JobStoreConformance, AListOfEveryStateShowsOnlyIt) {
  const Mixed mixed{jobs(), begin_worker(), job("")};
  EXPECT_THAT(tags(reader().list({.state = JobState::succeeded})), ElementsAre("good"));
  EXPECT_THAT(tags(reader().list({.state = JobState::failed})), ElementsAre("bad"));
  EXPECT_THAT(tags(reader().list({.state = JobState::cancelled})), ElementsAre("dropped"));
  EXPECT_THAT(tags(reader().list({.state = JobState::started})), ElementsAre("running"));
  EXPECT_THAT(tags(reader().list({.state = JobState::scheduled})), ElementsAre("waiting"));
}

TEST_P(JobStoreConformance, AListIsFilteredByEveryField) {
  const Mixed mixed{jobs(), begin_worker(), job("")};
  PreparedJob special = job("special");
  special.type = "rare";
  special.queue = "mail";
  special.user_id = 7;
  submit(special);
  EXPECT_THAT(tags(reader().list({.type = "rare"})), ElementsAre("special"));
  EXPECT_THAT(tags(reader().list({.tag = "bad"})), ElementsAre("bad"));
  EXPECT_THAT(tags(reader().list({.queue = "mail"})), ElementsAre("special"));
  EXPECT_THAT(tags(reader().list({.user_id = 7})), ElementsAre("special"));
  EXPECT_THAT(tags(reader().list({.text = "needle"})), ElementsAre("bad"));
  EXPECT_THAT(tags(reader().list({.text = "unni"})), ElementsAre("running"));
  EXPECT_THAT(tags(reader().list({.text = "%"})), IsEmpty());
  EXPECT_THAT(tags(reader().list({.state = JobState::failed, .type = "rare"})), IsEmpty());
}

TEST_P(JobStoreConformance, PagesJoinWithoutGapOrRepeat) {
  for (int index = 0; index < 7; ++index)
    submit(job(std::to_string(index)));
  for (const auto state : {std::optional<JobState>{}, std::optional{JobState::scheduled}}) {
    JobFilter filter{.state = state, .limit = 3};
    std::vector<std::string> seen;
    int pages = 0;
    do {
      const auto page = reader().list(filter);
      for (const auto& tag : tags(page))
        seen.push_back(tag);
      filter.before = page.next;
      ++pages;
    } while (filter.before);
    EXPECT_EQ(pages, 3);
    EXPECT_THAT(seen, ElementsAre("6", "5", "4", "3", "2", "1", "0"));
  }
}

TEST_P(JobStoreConformance, APageThatJustFitsIsTheLast) {
  submit(job("a"));
  submit(job("b"));
  EXPECT_FALSE(reader().list({.limit = 2}).next);
  EXPECT_TRUE(reader().list({.limit = 1}).next);
}

TEST_P(JobStoreConformance, ScheduledJobsAreListedAmongTenThousands) {
  jobs().submit(std::vector<PreparedJob>(10001, job("many")));
  const auto page = reader().list({.state = JobState::scheduled, .limit = 2});
  ASSERT_EQ(page.jobs.size(), 2U);
  EXPECT_GT(page.jobs[0].id, page.jobs[1].id);
  EXPECT_EQ(page.jobs[0].id, reader().list({.limit = 1}).jobs.at(0).id);
}

TEST_P(JobStoreConformance, CountsAreCapped) {
  const Mixed mixed{jobs(), begin_worker(), job("")};
  submit(job("another"));
  const Json counts = reader().counts(1);
  EXPECT_EQ(counts.at("scheduled"), (Json{{"count", 1}, {"capped", true}}));
  for (const char* state : {"started", "succeeded", "failed", "cancelled"})
    EXPECT_EQ(counts.at(state), (Json{{"count", 1}, {"capped", false}})) << state;
  EXPECT_EQ(reader().counts(100).at("scheduled").at("count"), 2);
}

TEST_P(JobStoreConformance, AJobThatIsNotThereIsNothing) {
  EXPECT_FALSE(reader().find(1));
  EXPECT_THAT(reader().attempts_of(1), IsEmpty());
  EXPECT_FALSE(reader().last_attempt(1));
  EXPECT_NO_THROW(reader().ping());
}

TEST_P(JobStoreConformance, AJobWithoutRetriesIsItsOwnOnlyAttempt) {
  const auto id = submit(job("a"));
  submit(job("b"));
  EXPECT_EQ(reader().attempts_of(id).size(), 1U);
  EXPECT_EQ(reader().last_attempt(id)->id, id);
}

TEST_P(JobStoreConformance, NotificationsAreKeptPerUserNewestFirst) {
  auto& notifications = store().notifications();
  std::vector<std::int64_t> ids;
  for (int index = 0; index < 4; ++index)
    ids.push_back(notifications.create(42, {{"n", index}}).id);
  const auto other = notifications.create(43, {{"n", 9}});
  EXPECT_EQ(other.user_id, 43);
  EXPECT_EQ(other.created_at, now());
  const auto list = notifications.list(42, std::nullopt, 3);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].id, ids[3]);
  EXPECT_EQ(list[0].data, (Json{{"n", 3}}));
  EXPECT_FALSE(list[0].read);
  EXPECT_EQ(notifications.list(42, ids[1], 10).at(0).id, ids[0]);
}

TEST_P(JobStoreConformance, MissedNotificationsComeOldestFirst) {
  auto& notifications = store().notifications();
  const auto first = notifications.create(42, 1).id;
  const auto second = notifications.create(42, 2).id;
  notifications.create(43, 3);
  const auto third = notifications.create(42, 4).id;
  const auto missed = notifications.since(42, first, 10);
  ASSERT_EQ(missed.size(), 2U);
  EXPECT_EQ(missed[0].id, second);
  EXPECT_EQ(missed[1].id, third);
  EXPECT_EQ(notifications.since(42, first, 1).size(), 1U);
}

TEST_P(JobStoreConformance, NotificationsAreReadByTheirOwnerOnly) {
  auto& notifications = store().notifications();
  const auto id = notifications.create(42, 1).id;
  notifications.create(42, 2);
  EXPECT_FALSE(notifications.mark_read(43, id));
  EXPECT_FALSE(notifications.mark_read(42, 999));
  EXPECT_TRUE(notifications.mark_read(42, id));
  EXPECT_TRUE(notifications.list(42, std::nullopt, 10).at(1).read);
  EXPECT_EQ(notifications.mark_all_read(42), 1);
  EXPECT_EQ(notifications.mark_all_read(42), 0);
}

}  // namespace
}  // namespace errand::testing
