#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "helpers/http_client.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;

TEST(TwoWorkers, RunEveryJobOnce) {
  Served served;
  served.start();
  const auto runs = served.folder_ / "runs";
  constexpr std::size_t count = 5000;
  const std::vector<NewJob> jobs(
      count, NewJob{.tag = "count", .type = "count", .data = {{"runs", runs.string()}}});
  served.client_.worker_manager().submit_jobs(jobs);
  ASSERT_TRUE(eventually([&] { return lines_of(runs).size() >= count; }));
  std::vector<std::string> ids;
  for (const std::string& line : lines_of(runs))
    ids.push_back(line.substr(0, line.find(' ')));
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(ids.size(), count);
  JobFilter unfinished;
  unfinished.state = JobState::started;
  EXPECT_TRUE(eventually(
      [&] { return served.client_.worker_manager().list_jobs(unfinished).jobs.empty(); }));
  served.stop_and_expect_success();
}

TEST(ASubmissionOverHttp, IsStoredOnceForItsIdempotencyKey) {
  Served served{{{"ADMIN_TOKEN", "operator"}}};
  served.start();
  testing::HttpClient client{served.port()};
  const auto post = [&] {
    return client.request("POST",
                          "/api/v1/jobs",
                          "operator",
                          R"({"tag":"a","type":"obey","due":"2h"})",
                          "Idempotency-Key: once\r\n");
  };
  const auto first = post();
  const auto again = post();
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  JobFilter ours;
  ours.tag = "a";
  EXPECT_EQ(served.client_.worker_manager().list_jobs(ours).jobs.size(), 1U);
}

TEST(AHandler, SubmitsJobsThatRunAtOnce) {
  Served served{{{"POLL_INTERVAL", "10s"}}};
  served.start();
  const auto begin = std::chrono::steady_clock::now();
  served.submit({.tag = "chain", .type = "chain", .data = {{"left", 5}}});
  JobFilter done;
  done.type = "chain";
  done.state = JobState::succeeded;
  EXPECT_TRUE(eventually(
      [&] { return served.client_.worker_manager().list_jobs(done).jobs.size() == 6; }, 30s));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s) << "five of them were woken, not polled";
  served.stop_and_expect_success();
}

TEST(ACron, RunsEverySecondWithOneLiveLink) {
  Served served{{{"E2E_CRON", "1"}}};
  served.start();
  JobFilter done;
  done.type = "everySecond";
  done.state = JobState::succeeded;
  ASSERT_TRUE(
      eventually([&] { return served.client_.worker_manager().list_jobs(done).jobs.size() >= 3; }));
  JobFilter waiting = done;
  waiting.state = JobState::scheduled;
  EXPECT_LE(served.client_.worker_manager().list_jobs(waiting).jobs.size(), 1U);
  const auto jobs = served.client_.worker_manager().list_jobs(done).jobs;
  for (std::size_t each = 1; each < jobs.size(); ++each) {
    EXPECT_EQ(jobs[each - 1].due - jobs[each].due, 1s) << "no slot missed, none doubled";
  }
  served.stop_and_expect_success();
}

TEST(AFailingJob, IsRetriedByItsPolicyAndEachAttemptIsARow) {
  Served served;
  served.start();
  const Job job = served.submit({.tag = "flaky", .type = "flaky", .data = {{"how", "throw"}}});
  const Job last = served.finished(job.id);
  EXPECT_EQ(last.state, JobState::failed);
  EXPECT_EQ(last.attempt, 3);
  EXPECT_EQ(last.root_job, job.id);
  EXPECT_EQ(served.client_.worker_manager().attempts_of(job.id).size(), 3U);
  served.stop_and_expect_success();
}

}  // namespace
}  // namespace errand::e2e
