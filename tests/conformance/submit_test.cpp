#include <future>

#include "conformance/job_store_conformance.hpp"
#include "helpers/database_digest.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST_P(JobStoreConformance, StoresEveryFieldOfASubmission) {
  PreparedJob full = job("full");
  full.user_id = 42;
  full.due = Due{now() + 1h};
  full.queue = "mail";
  full.priority = -3;
  full.max_attempts = 5;
  full.retry_policy = R"({"first":1})";
  full.auto_reschedule_delay = 7s;
  full.timeout = 90s;
  full.unique_key = "u";
  full.concurrency_key = "c";
  full.persistent = true;
  full.remove_delay = 2min;
  full.meta = R"({"m":true})";
  const Job stored = find(submit(full));
  EXPECT_EQ(stored.state, JobState::scheduled);
  EXPECT_EQ(stored.tag, "full");
  EXPECT_EQ(stored.type, "work");
  EXPECT_EQ(stored.user_id, 42);
  EXPECT_EQ(stored.data, (Json{{"n", 1}}));
  EXPECT_EQ(stored.due, now() + 1h);
  EXPECT_EQ(stored.queue, "mail");
  EXPECT_EQ(stored.priority, -3);
  EXPECT_EQ(stored.max_attempts, 5);
  EXPECT_EQ(stored.timeout, 90s);
  EXPECT_EQ(stored.unique_key, "u");
  EXPECT_EQ(stored.concurrency_key, "c");
  EXPECT_TRUE(stored.persistent);
  EXPECT_EQ(stored.remove_delay, 2min);
  EXPECT_EQ(stored.meta, (Json{{"m", true}}));
  EXPECT_EQ(stored.created_at, now());
  EXPECT_EQ(stored.updated_at, now());
  EXPECT_EQ(stored.attempt, 1);
  EXPECT_FALSE(stored.started || stored.finished || stored.success || stored.worker);
}

TEST_P(JobStoreConformance, StoresNothingForNoJobs) {
  EXPECT_TRUE(jobs().submit({}).empty());
}

TEST_P(JobStoreConformance, CountsADelayFromTheDatabasesClock) {
  PreparedJob later = job("later");
  later.due = Due{10min};
  EXPECT_EQ(find(submit(later)).due, now() + 10min);
  const auto given = now() + 1h;
  const auto id = jobs().submit({&later, 1}, given).front().id;
  EXPECT_EQ(find(id).due, given + 10min);
}

TEST_P(JobStoreConformance, GivesIdsInTheOrderOfTheSubmission) {
  for (const std::size_t size : {1U, 31U, 32U, 33U, 200U}) {
    std::vector<PreparedJob> many;
    for (std::size_t index = 0; index < size; ++index)
      many.push_back(job("t" + std::to_string(index)));
    const auto submitted = jobs().submit(many);
    ASSERT_EQ(submitted.size(), size);
    for (std::size_t index = 0; index < size; ++index) {
      EXPECT_TRUE(submitted[index].created);
      EXPECT_EQ(find(submitted[index].id).tag, many[index].tag);
    }
  }
}

TEST_P(JobStoreConformance, StoresManyAtOnceAsOneByOne) {
  const std::vector<std::function<void(PreparedJob&)>> more_than_every_job_says{
      [](PreparedJob&) {},
      [](PreparedJob& job) { job.retry_policy = R"({"maxAttempts":1})"; },
      [](PreparedJob& job) { job.auto_reschedule_delay = 5s; },
      [](PreparedJob& job) { job.timeout = 5s; },
      [](PreparedJob& job) { job.unique_key = "key"; },
      [](PreparedJob& job) { job.concurrency_key = "key"; },
      [this](PreparedJob& job) {
        job.cron_schedule = "0 * * * *";
        job.cron_slot = now();
      },
      [](PreparedJob& job) { job.persistent = true; },
      [](PreparedJob& job) { job.remove_delay = 5s; },
      [](PreparedJob& job) {
        job.meta = R"({"by":"hand"})";
      }};
  for (std::size_t each = 0; each < more_than_every_job_says.size(); ++each) {
    std::vector<PreparedJob> many(33, job("a"));
    more_than_every_job_says[each](many[5]);
    jobs().submit(many);
    const std::string together = DatabaseDigest::of(store().database());
    execute("DELETE FROM worker_jobs");
    for (const PreparedJob& one : many)
      jobs().submit({&one, 1});
    EXPECT_EQ(DatabaseDigest::of(store().database()), together) << each;
    execute("DELETE FROM worker_jobs");
  }
}

TEST_P(JobStoreConformance, StoresAllOrNone) {
  std::vector<PreparedJob> pair{job("a"), job("b")};
  pair[0].unique_key = pair[1].unique_key = "same";
  const auto error = expect_error(ErrorKind::conflict, [&] { jobs().submit(pair); });
  EXPECT_EQ(error.field(), "uniqueKey");
  EXPECT_THAT(error.what(), ::testing::HasSubstr("same"));
  EXPECT_EQ(count("1 = 1"), 0);
}

TEST_P(JobStoreConformance, FreesAUniqueKeyWhenItsJobHasFinished) {
  PreparedJob unique = job("a");
  unique.unique_key = "k";
  submit(unique);
  expect_error(ErrorKind::conflict, [&] { submit(unique); });
  const auto claimed = claim_one(begin_worker());
  expect_error(ErrorKind::conflict, [&] { submit(unique); });
  ASSERT_TRUE(record_one(claimed, success()));
  EXPECT_GT(submit(unique), claimed.id);
}

TEST_P(JobStoreConformance, ReturnsTheFirstJobForARepeatedIdempotencyKey) {
  PreparedJob keyed = job("a");
  keyed.idempotency_key = "key";
  const auto first = jobs().submit({&keyed, 1}).front();
  const auto second = jobs().submit({&keyed, 1}).front();
  EXPECT_TRUE(first.created);
  EXPECT_FALSE(second.created);
  EXPECT_EQ(first.id, second.id);
  ASSERT_TRUE(record_one(claim_one(begin_worker()), success()));
  EXPECT_EQ(jobs().submit({&keyed, 1}).front().id, first.id);
}

TEST_P(JobStoreConformance, RepeatsOfAReplacingSubmissionReplaceNothing) {
  PreparedJob keyed = job("a");
  keyed.idempotency_key = "key";
  keyed.on_pending_tag = OnPendingTag::replace;
  const auto id = submit(keyed);
  EXPECT_EQ(submit(keyed), id);
  EXPECT_EQ(find(id).state, JobState::scheduled);
}

TEST_P(JobStoreConformance, KeepsTheWaitingJobOfTheTag) {
  const auto first = submit(job("a"));
  PreparedJob keeping = job("a");
  keeping.type = "other";
  keeping.on_pending_tag = OnPendingTag::keep;
  const auto kept = jobs().submit({&keeping, 1}).front();
  EXPECT_EQ(kept.id, first);
  EXPECT_FALSE(kept.created);
  claim_one(begin_worker());
  EXPECT_TRUE(jobs().submit({&keeping, 1}).front().created);
}

TEST_P(JobStoreConformance, ReplacesEveryWaitingJobOfTheTag) {
  PreparedJob other_type = job("a");
  other_type.type = "other";
  const std::vector<JobId> old{submit(job("a")), submit(other_type)};
  const auto neighbour = submit(job("b"));
  PreparedJob replacing = job("a");
  replacing.on_pending_tag = OnPendingTag::replace;
  const auto id = submit(replacing);
  for (const JobId replaced : old) {
    EXPECT_EQ(find(replaced).state, JobState::cancelled);
    EXPECT_EQ(find(replaced).reason, "superseded");
  }
  EXPECT_EQ(find(neighbour).state, JobState::scheduled);
  EXPECT_EQ(find(id).state, JobState::scheduled);
}

TEST_P(JobStoreConformance, PoliciesSeeEarlierJobsOfTheSameSubmission) {
  std::vector<PreparedJob> three{job("a"), job("a"), job("a")};
  three[1].on_pending_tag = OnPendingTag::keep;
  three[2].on_pending_tag = OnPendingTag::replace;
  const auto submitted = jobs().submit(three);
  EXPECT_EQ(submitted[1].id, submitted[0].id);
  EXPECT_EQ(find(submitted[0].id).reason, "superseded");
  EXPECT_EQ(find(submitted[2].id).state, JobState::scheduled);
}

TEST_P(JobStoreConformance, RefusesASecondWaitingLinkOfACron) {
  submit(cron("nightly", now()));
  const auto error =
      expect_error(ErrorKind::conflict, [&] { submit(cron("nightly", now() + 1h)); });
  EXPECT_EQ(error.field(), "tag");
  PreparedJob replacing = cron("nightly", now() + 1h);
  replacing.on_pending_tag = OnPendingTag::replace;
  EXPECT_EQ(find(submit(replacing)).due, now() + 1h);
}

TEST_P(JobStoreConformance, KeepsTextThatNeedsCareAsItIs) {
  PreparedJob careful = job("it's; -- \"quoted\" %s $1 ü \xF0\x9F\x8D\xB0");
  careful.data = R"({"a":"\\ ' \u00e9"})";
  const auto id = submit(careful);
  EXPECT_EQ(find(id).tag, careful.tag);
  EXPECT_EQ(claim_one(begin_worker()).data, careful.data);
}

TEST_P(JobStoreConformance, ASubmissionInsideATransactionBelongsToIt) {
  JobId inside = 0;
  EXPECT_THROW(store().database().with_transaction([&](Transaction&) {
    inside = submit(job("a"));
    throw std::runtime_error{"handler failed"};
  }),
               std::runtime_error);
  EXPECT_FALSE(reader().find(inside));
  store().database().with_transaction([&](Transaction&) { inside = submit(job("b")); });
  EXPECT_TRUE(reader().find(inside));
}

TEST_P(JobStoreConformance, WhoeverIsWokenByASubmissionFindsTheJob) {
  const ProcessId worker = begin_worker();
  const auto elsewhere = home_->open(Durability::relaxed);
  const std::vector<std::string> types{"work"};
  std::future<ExchangeResult> claim;
  PreparedJob due = job("a");
  due.idempotency_key = "its insertion does not carry the commit along";
  const auto submitted = jobs().submit({&due, 1}, {}, [&] {
    claim = std::async(std::launch::async, [&] {
      return elsewhere->jobs().exchange(
          {}, {.process = worker, .limit = 1, .types = types, .told = true});
    });
    claim.wait_for(250ms);  // who need not wait for the commit has looked by then
  });
  ASSERT_TRUE(claim.valid()) << "nobody was woken";
  EXPECT_THAT(ids_of(claim.get().claimed), ElementsAre(submitted.front().id));
}

TEST_P(JobStoreConformance, ARefusedSubmissionLeavesNothingForWhoeverIsWoken) {
  PreparedJob taken = job("a");
  taken.unique_key = "one";
  submit(taken);
  expect_error(ErrorKind::conflict, [&] { jobs().submit({&taken, 1}, {}, [] { FAIL(); }); });
}

}  // namespace
}  // namespace errand::testing
