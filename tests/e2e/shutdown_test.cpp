#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;

TEST(Sigterm, LetsRunningJobsFinishAndClaimsNothingMore) {
  Served served{{{"WORKER_CONCURRENCY", "2"}}};
  served.start();
  std::vector<std::unique_ptr<Gate>> gates;
  std::vector<JobId> running;
  for (int each = 0; each < 4; ++each) {
    gates.push_back(std::make_unique<Gate>(served.folder_ / ("gate" + std::to_string(each))));
    running.push_back(
        served.submit({.tag = "gate", .type = "gate", .data = {{"gate", gates.back()->path()}}})
            .id);
    ASSERT_TRUE(gates.back()->wait_for_job());
  }
  const auto runs = served.folder_ / "runs";
  const std::vector<NewJob> waiting(
      1000, NewJob{.tag = "wait", .type = "count", .data = {{"runs", runs.string()}}});
  const std::vector<JobId> ids = served.client_.worker_manager().submit_jobs(waiting);

  served.host_->signal(SIGTERM);
  served.host_->wait_for_line({"worker-1", "draining"});
  served.host_->wait_for_line({"worker-2", "draining"});
  for (const auto& gate : gates)
    gate->open();
  EXPECT_EQ(served.host_->wait_for_exit(), 0) << served.host_->output();

  for (const JobId id : running) {
    const auto job = served.client_.worker_manager().find_job(id);
    ASSERT_TRUE(job);
    EXPECT_EQ(job->state, JobState::succeeded);
  }
  EXPECT_TRUE(lines_of(runs).empty());
  for (const JobId id : ids) {
    const auto job = served.client_.worker_manager().find_job(id);
    ASSERT_TRUE(job);
    EXPECT_EQ(job->state, JobState::scheduled);
    EXPECT_EQ(job->attempt, 1);
  }

  served.start();
  EXPECT_TRUE(eventually([&] { return lines_of(runs).size() == ids.size(); }));
  served.stop_and_expect_success();
}

TEST(Sigterm, PutsBackWhatRunsPastTheGraceUnblamed) {
  Served served{{{"SHUTDOWN_GRACE", "100ms"}, {"WORKER_COUNT", "1"}}};
  served.start();
  Gate gate{served.folder_ / "gate"};
  const Job deaf = served.submit({.tag = "gate", .type = "gate", .data = {{"gate", gate.path()}}});
  ASSERT_TRUE(gate.wait_for_job());
  served.stop_and_expect_success();
  const auto job = served.client_.worker_manager().find_job(deaf.id);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->state, JobState::scheduled);
  EXPECT_EQ(job->attempt, 1);
  EXPECT_EQ(job->crash_count, 0);
}

TEST(Sigterm, EndsTheHeartOfAWorkerBeforeItsRow) {
  Served served{{{"E2E_WATCH_GOODBYE", "1"}, {"WORKER_COUNT", "1"}}};
  served.start();
  served.stop_and_expect_success();
  EXPECT_THAT(served.host_->output(), ::testing::HasSubstr("goodbye after the last beat"));
}

TEST(Cancel, ReachesARunningHandler) {
  Served served;
  served.start();
  const auto runs = served.folder_ / "runs";
  const Job job = served.submit({.tag = "obey", .type = "obey", .data = {{"runs", runs.string()}}});
  ASSERT_TRUE(eventually([&] { return lines_of(runs).size() == 1; }));
  EXPECT_TRUE(served.client_.worker_manager().cancel_job(job.id).cancel_requested);
  const Job ended = served.finished(job.id);
  EXPECT_EQ(ended.state, JobState::cancelled);
  served.stop_and_expect_success();
}

TEST(AWorker, IsReplacedAfterItsNumberOfJobs) {
  Served served{{{"WORKER_COUNT", "1"}, {"WORKER_MAX_JOBS", "1"}}};
  served.start();
  const auto runs = served.folder_ / "runs";
  for (int each = 0; each < 3; ++each) {
    const Job job =
        served.submit({.tag = "count", .type = "count", .data = {{"runs", runs.string()}}});
    EXPECT_EQ(served.finished(job.id).state, JobState::succeeded);
  }
  std::vector<std::string> pids;
  for (const std::string& line : lines_of(runs))
    pids.push_back(line.substr(line.find(' ') + 1));
  std::sort(pids.begin(), pids.end());
  EXPECT_EQ(std::unique(pids.begin(), pids.end()) - pids.begin(), 3);
  served.stop_and_expect_success();
}

}  // namespace
}  // namespace errand::e2e
