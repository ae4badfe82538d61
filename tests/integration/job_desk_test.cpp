#include "store/job_desk.hpp"

#include <errand/config.hpp>
#include <thread>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "helpers/fake_job_store.hpp"
#include "helpers/temporary_database.hpp"
#include "jobs/job_json.hpp"
#include "store/open_store.hpp"
#include "store/prepared_ahead.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The desk over a real SQLite file, and a worker that the test plays itself.
class JobDeskTest : public ::testing::Test {
 protected:
  JobDeskTest() {
    registry_.add("resize", [](JobContext&, const Json&) {});
    store_->migrate();
    process_ = store_->jobs().begin_process({"node", "host", 1, 4711, "1", types_});
  }

  ClaimedJob claim() {
    auto result = store_->jobs().exchange({}, {process_, 1, types_, {}});
    return result.claimed.empty() ? ClaimedJob{} : result.claimed.at(0);
  }

  void finish(const ClaimedJob& job, const RetryPolicy& policy, RunEnd end) {
    RunResult result;
    result.end = end;
    result.result = end == RunEnd::succeeded ? R"({"ok":true})" : "";
    result.error = {{"error", "it broke"}};
    const Completion completion{
        job.id, job.claim_seq, decide(job.facts(), result, policy, store_->jobs().now(), 0.5)};
    ASSERT_TRUE(store_->jobs().exchange({&completion, 1}, {}).recorded.at(0));
  }

  ErrorKind refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      message_ = error.what();
      return error.kind();
    }
    ADD_FAILURE() << "it was not refused";
    return ErrorKind::bug;
  }

  TemporaryDatabase file_{};
  std::unique_ptr<Store> store_ = open_store({.database_url = file_.url()});
  std::vector<std::string> types_{"resize"};
  JobRegistry registry_{};
  int wakes_{0};
  std::vector<std::pair<ProcessId, JobId>> cancelled_{};
  std::string message_{};
  ProcessId process_{0};
  JobDesk desk_{store_->jobs(),
                store_->reader(),
                registry_,
                [this] { ++wakes_; },
                [this](ProcessId process, JobId id) {
                  cancelled_.emplace_back(process, id);
                }};
};

TEST_F(JobDeskTest, StoresAJobReturnsItsRowAndWakesAWorker) {
  const Job job =
      desk_.submit_job({.tag = "a", .type = "resize", .user_id = 42, .data = {{"x", 1}}});
  EXPECT_GT(job.id, 0);
  EXPECT_EQ(job.state, JobState::scheduled);
  EXPECT_EQ(job.data, Json({{"x", 1}}));
  EXPECT_EQ(job.user_id, 42);
  EXPECT_EQ(wakes_, 1);
  const auto found = desk_.find_job(job.id);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->created_at, job.created_at);
}

TEST_F(JobDeskTest, ReturnsWhatIsInTheTable) {
  const std::vector<NewJob> jobs{
      {.tag = "plain", .type = "resize"},
      {.tag = "later", .type = "resize", .due = 5min, .priority = 3, .timeout = 2s},
      {.tag = "full",
       .type = "resize",
       .user_id = 42,
       .data = {{"list", {1, 2.5, nullptr}}, {"text", "é"}},
       .due = std::chrono::system_clock::now() + 1h,
       .queue = "slow",
       .retry = RetryPolicy::backoff({.max_attempts = 5}),
       .unique_key = "one",
       .concurrency_key = "some",
       .persistent = true,
       .remove_delay = 1h,
       .meta = {{"by", "me"}}},
      {.tag = "cron", .type = "resize", .cron_schedule = "0 3 * * *", .timezone = "Europe/Paris"}};
  for (const NewJob& job : jobs) {
    const Job returned = desk_.submit_job(job);
    EXPECT_EQ(to_json(returned), to_json(desk_.find_job(returned.id).value())) << job.tag;
  }
}

TEST_F(JobDeskTest, ReturnsTheJobThatWasThereBefore) {
  NewJob job{.tag = "a", .type = "resize", .data = {{"x", 1}}};
  const Job first = desk_.submit_job(job);
  job.on_pending_tag = OnPendingTag::keep;
  job.data = {{"x", 2}};
  EXPECT_EQ(to_json(desk_.submit_job(job)), to_json(first));
}

TEST_F(JobDeskTest, WakesNobodyForAJobThatEveryWorkerFindsByItselfInTime) {
  NewJob job{.tag = "a", .type = "resize", .due = poll_interval_longest + 1min};
  desk_.submit_job(job);
  EXPECT_EQ(wakes_, 0);
  job.due = poll_interval_longest - 1min;
  desk_.submit_jobs(std::vector<NewJob>{{.tag = "b", .type = "resize", .due = 24h}, job});
  EXPECT_EQ(wakes_, 1) << "one of them may be due before a worker looks";
}

TEST_F(JobDeskTest, StoresMoreThanItPreparesAtOnceAndWakesOnlyForWhatIsDueSoon) {
  std::vector<NewJob> jobs(2 * PreparedAhead::part_size,
                           {.tag = "later", .type = "resize", .due = 24h});
  EXPECT_THAT(desk_.submit_jobs(jobs), SizeIs(jobs.size()));
  EXPECT_EQ(wakes_, 0);
  jobs.back() = {.tag = "last", .type = "resize"};
  const auto ids = desk_.submit_jobs(jobs);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(desk_.find_job(ids.back()).value().tag, "last");
  jobs.back().type = "resise";
  EXPECT_EQ(refusal([&] { desk_.submit_jobs(jobs); }), ErrorKind::not_found);
  EXPECT_EQ(desk_.submit_job({.tag = "next", .type = "resize"}).id, ids.back() + 1);
}

TEST_F(JobDeskTest, StoresWithIdempotencyKeysOnce) {
  const std::vector<NewJob> jobs{{.tag = "a", .type = "resize"}};
  const std::vector<std::string> keys{"key"};
  const auto first = desk_.submit_with_keys(jobs, keys);
  const auto again = desk_.submit_with_keys(jobs, keys);
  EXPECT_TRUE(first.at(0).created);
  EXPECT_FALSE(again.at(0).created);
  EXPECT_EQ(again.at(0).id, first.at(0).id);
}

TEST_F(JobDeskTest, RefusesATypeThatNobodyKnowsAndStoresNothing) {
  EXPECT_EQ(refusal([&] { desk_.submit_job({.tag = "a", .type = "resise"}); }),
            ErrorKind::not_found);
  EXPECT_THAT(message_, HasSubstr("resize"));
  EXPECT_EQ(wakes_, 0);
  EXPECT_THAT(desk_.list_jobs({}).jobs, IsEmpty());
}

TEST_F(JobDeskTest, StoresManyOrNone) {
  const NewJob good[] = {{.tag = "a", .type = "resize"}, {.tag = "b", .type = "resize"}};
  const auto ids = desk_.submit_jobs(good);
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_EQ(desk_.find_job(ids[1])->tag, "b");
  EXPECT_EQ(wakes_, 1);
  const NewJob mixed[] = {{.tag = "c", .type = "resize"}, {.tag = "d", .type = "unheard of"}};
  EXPECT_EQ(refusal([&] { desk_.submit_jobs(mixed); }), ErrorKind::not_found);
  EXPECT_THAT(desk_.list_jobs({}).jobs, SizeIs(2));
  EXPECT_THAT(desk_.submit_jobs({}), IsEmpty());
  EXPECT_EQ(wakes_, 1) << "nothing was stored, nobody is woken";
}

TEST_F(JobDeskTest, StoresInsideATransactionOfTheCallersThatMayStillBeRolledBack) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file_.path().c_str(), &handle), SQLITE_OK);
  sqlite3_busy_timeout(handle, 5000);
  const BorrowedTransaction transaction{*handle};
  ASSERT_EQ(sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const Job lost =
      desk_.submit_job(transaction, {.tag = "lost", .type = "resize", .data = {{"x", 1}}});
  EXPECT_GT(lost.id, 0);
  EXPECT_EQ(lost.tag, "lost");
  EXPECT_EQ(lost.data, Json({{"x", 1}}));
  EXPECT_EQ(lost.queue, "default");
  ASSERT_EQ(sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_THAT(desk_.list_jobs({}).jobs, IsEmpty());
  ASSERT_EQ(sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const Job kept = desk_.submit_job(
      transaction, {.tag = "kept", .type = "resize", .due = 5min, .meta = {{"by", "me"}}});
  ASSERT_EQ(sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
  const auto stored = desk_.find_job(kept.id);
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->meta, kept.meta);
  EXPECT_LT(stored->due - kept.due, 1s);
  EXPECT_EQ(wakes_, 0) << "it is not committed yet when the call returns";
}

TEST_F(JobDeskTest, WaitsForTheEndOfAJob) {
  const Job job = desk_.submit_job({.tag = "a", .type = "resize"});
  std::thread worker{[&] {
    finish(claim(), RetryPolicy::never(), RunEnd::succeeded);
  }};
  const auto done = desk_.wait_for(job.id, 20s);
  worker.join();
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->state, JobState::succeeded);
  EXPECT_EQ(done->result, Json({{"ok", true}}));
}

TEST_F(JobDeskTest, ReturnsNothingWhenTheTimePassesFirst) {
  const Job job = desk_.submit_job({.tag = "a", .type = "resize"});
  const auto began = std::chrono::steady_clock::now();
  EXPECT_FALSE(desk_.wait_for(job.id, 30ms).has_value());
  EXPECT_GE(std::chrono::steady_clock::now() - began, 30ms);
  EXPECT_FALSE(desk_.wait_for(job.id, 0ms).has_value());
  EXPECT_FALSE(desk_.wait_for(job.id, -5ms).has_value());
}

TEST_F(JobDeskTest, ReturnsAtOnceForAJobThatHasFinished) {
  const Job job = desk_.submit_job({.tag = "a", .type = "resize"});
  finish(claim(), RetryPolicy::never(), RunEnd::failed);
  const auto done = desk_.wait_for(job.id, 0ms);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->state, JobState::failed);
  EXPECT_EQ(done->error.at("error"), "it broke");
}

TEST_F(JobDeskTest, WaitsForTheLastAttemptOfAChain) {
  const Job job = desk_.submit_job({.tag = "a", .type = "resize"});
  finish(claim(), RetryPolicy::always_after(0ms), RunEnd::failed);
  EXPECT_FALSE(desk_.wait_for(job.id, 5ms).has_value()) << "its retry has not ended";
  const ClaimedJob retry = claim();
  EXPECT_EQ(retry.attempt, 2);
  finish(retry, RetryPolicy::never(), RunEnd::succeeded);
  const auto done = desk_.wait_for(job.id, 20s);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->id, retry.id);
  EXPECT_THAT(desk_.attempts_of(job.id), SizeIs(2));
}

TEST_F(JobDeskTest, TakesALinkOfACronForDoneByItself) {
  const Job job = desk_.submit_job(
      {.tag = "cron", .type = "resize", .due = TimePoint{}, .cron_schedule = "0 0 3 * * *"});
  finish(claim(), RetryPolicy::never(), RunEnd::succeeded);
  const auto done = desk_.wait_for(job.id, 0ms);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->id, job.id);
  EXPECT_THAT(desk_.list_jobs({}).jobs, SizeIs(2)) << "the next link waits";
}

TEST_F(JobDeskTest, LooksAtOnceWhenItIsToldThatAJobFinished) {
  const Job job = desk_.submit_job({.tag = "a", .type = "resize"});
  std::atomic<bool> over{false};
  std::thread teller{[&] {
    finish(claim(), RetryPolicy::never(), RunEnd::succeeded);
    while (!over)
      desk_.job_finished();
  }};
  EXPECT_TRUE(desk_.wait_for(job.id, 20s).has_value());
  over = true;
  teller.join();
}

TEST_F(JobDeskTest, CancelsAWaitingJobAndTellsTheWorkerOfARunningOne) {
  const Job waiting = desk_.submit_job({.tag = "a", .type = "resize", .due = 1h});
  EXPECT_EQ(desk_.cancel_job(waiting.id).state, JobState::cancelled);
  EXPECT_THAT(cancelled_, IsEmpty());
  const Job running = desk_.submit_job({.tag = "b", .type = "resize"});
  ASSERT_EQ(claim().id, running.id);
  const Job asked = desk_.cancel_job(running.id);
  EXPECT_EQ(asked.state, JobState::started);
  EXPECT_TRUE(asked.cancel_requested);
  EXPECT_THAT(cancelled_, ElementsAre(std::pair{process_, running.id}));
  EXPECT_EQ(refusal([&] { desk_.cancel_job(waiting.id); }), ErrorKind::conflict);
}

TEST_F(JobDeskTest, RunsAFinishedJobAgainAndWakesAWorker) {
  const Job job = desk_.submit_job({.tag = "a", .type = "resize"});
  EXPECT_EQ(refusal([&] { desk_.retry_job(job.id); }), ErrorKind::conflict);
  finish(claim(), RetryPolicy::never(), RunEnd::failed);
  const Job again = desk_.retry_job(job.id);
  EXPECT_NE(again.id, job.id);
  EXPECT_EQ(again.attempt, 2);
  EXPECT_EQ(wakes_, 2);
}

TEST_F(JobDeskTest, RemovesRowsButNotRunningOnes) {
  const Job job = desk_.submit_job({.tag = "a", .type = "resize"});
  const ClaimedJob running = claim();
  EXPECT_EQ(refusal([&] { desk_.delete_job(job.id); }), ErrorKind::conflict);
  finish(running, RetryPolicy::never(), RunEnd::succeeded);
  desk_.delete_job(job.id);
  EXPECT_FALSE(desk_.find_job(job.id).has_value());
}

TEST_F(JobDeskTest, SaysThatThereIsNoSuchJob) {
  EXPECT_EQ(refusal([&] { desk_.wait_for(99, 1s); }), ErrorKind::not_found);
  EXPECT_EQ(refusal([&] { desk_.cancel_job(99); }), ErrorKind::not_found);
  EXPECT_EQ(refusal([&] { desk_.retry_job(99); }), ErrorKind::not_found);
  EXPECT_EQ(refusal([&] { desk_.delete_job(99); }), ErrorKind::not_found);
  EXPECT_THAT(message_, HasSubstr("no job 99"));
  EXPECT_FALSE(desk_.find_job(99).has_value());
}

TEST_F(JobDeskTest, ListsWorkersAndCrons) {
  EXPECT_THAT(desk_.list_workers(), SizeIs(1));
  EXPECT_THAT(desk_.list_crons(), IsEmpty());
}

/// A reader that is away: only what submissions ask of it.
class AwayReader final : public JobReader {
 public:
  std::optional<Job> find(JobId /*id*/) override { throw away(); }

  JobPage list(const JobFilter& /*filter*/) override { throw away(); }

  std::vector<Job> attempts_of(JobId /*id*/) override { throw away(); }

  std::optional<Job> last_attempt(JobId /*id*/) override { throw away(); }

  std::vector<WorkerInfo> workers() override { throw away(); }

  std::vector<CronInfo> crons() override { throw away(); }

  Json counts(int /*cap*/) override { throw away(); }

  void ping() override { throw away(); }

 private:
  static Error away() { return Error{ErrorKind::unavailable, "the database is away"}; }
};

TEST(JobDeskWithoutReader, DoesNotFailAJobThatIsStoredAlready) {
  errand::testing::FakeJobStore store;
  AwayReader reader;
  JobRegistry registry;
  registry.add("resize", [](JobContext&, const Json&) {});
  JobDesk desk{store, reader, registry, {}, {}};
  const Job job = desk.submit_job({.tag = "a", .type = "resize", .due = 10s});
  EXPECT_EQ(job.id, 1);
  EXPECT_EQ(job.due, store.time + 10s);
  EXPECT_EQ(job.state, JobState::scheduled);
  const Job before =
      desk.submit_job({.tag = "a", .type = "resize", .on_pending_tag = OnPendingTag::keep});
  EXPECT_EQ(before.id, 2) << "it may have been stored before: that cannot be read now";
  EXPECT_EQ(before.due, store.time);
  store.away = true;
  EXPECT_THROW(desk.submit_job({.tag = "a", .type = "resize"}), Error);
  EXPECT_THAT(store.submitted, SizeIs(2));
}

}  // namespace
}  // namespace errand
