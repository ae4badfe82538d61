#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string error_of(const Job& job) {
  return job.error.is_object() ? job.error.value("error", "") : "";
}

TEST(AKilledWorker, CostsOneSecondAndItsJobIsRecordedOnce) {
  Served served;
  served.start();
  Gate gate{served.folder_ / "gate"};
  const auto runs = served.folder_ / "runs";
  const Job job = served.submit(
      {.tag = "gate", .type = "gate", .data = {{"gate", gate.path()}, {"runs", runs.string()}}});
  const pid_t worker = served.worker_of(job.id);
  ASSERT_TRUE(gate.wait_for_job());

  const auto killed = std::chrono::steady_clock::now();
  ::kill(worker, SIGKILL);
  EXPECT_TRUE(eventually([&] { return lines_of(runs).size() == 2; }));
  EXPECT_LT(std::chrono::steady_clock::now() - killed, 1s);
  gate.open();
  ASSERT_TRUE(gate.wait_for_job() || served.finished(job.id).success);
  gate.open();

  const Job last = served.finished(job.id);
  EXPECT_EQ(last.state, JobState::succeeded) << error_of(last);
  EXPECT_EQ(last.crash_count, 1);
  EXPECT_EQ(lines_of(runs).size(), 2U);
  EXPECT_THAT(served.host_->wait_for_line({"killed by signal 9"}),
              HasSubstr(std::to_string(worker)));
  served.stop_and_expect_success();
}

TEST(AKilledWorker, LeavesARetryRowWhenThePolicyGrantsOne) {
  Served served;
  served.start();
  const auto runs = served.folder_ / "runs";
  const Job job = served.submit(
      {.tag = "crash", .type = "flaky", .data = {{"how", "segfault"}, {"runs", runs.string()}}});
  const Job last = served.finished(job.id);
  EXPECT_EQ(last.state, JobState::failed);
  EXPECT_EQ(last.reason, "crashed");
  EXPECT_EQ(last.attempt, 3);
  EXPECT_EQ(lines_of(runs).size(), 3U);
  const auto attempts = served.client_.worker_manager().attempts_of(job.id);
  ASSERT_EQ(attempts.size(), 3U);
  for (const Job& attempt : attempts) {
    EXPECT_EQ(attempt.reason, "crashed");
    EXPECT_THAT(error_of(attempt), HasSubstr("signal 11"));
  }
}

TEST(AWorkerWhoseRowIsDead, LeavesWithItsOwnExitCodeAndIsReplaced) {
  Served served;
  served.start();
  Gate gate{served.folder_ / "gate"};
  const auto runs = served.folder_ / "runs";
  const Job job = served.submit(
      {.tag = "gate", .type = "gate", .data = {{"gate", gate.path()}, {"runs", runs.string()}}});
  const pid_t worker = served.worker_of(job.id);
  ASSERT_TRUE(gate.wait_for_job());
  served.client_.database().with_transaction([&](Transaction& tx) {
    tx.execute("UPDATE worker_processes SET ended = beat WHERE pid = " + std::to_string(worker));
  });
  EXPECT_THAT(served.host_->wait_for_line({"(pid " + std::to_string(worker) + ")", "exited"}),
              HasSubstr("exited with code 75"));
  EXPECT_TRUE(eventually([&] { return lines_of(runs).size() == 2; })) << "it runs elsewhere";
  gate.open();
  ASSERT_TRUE(gate.wait_for_job() || served.finished(job.id).success);
  gate.open();
  EXPECT_EQ(served.finished(job.id).state, JobState::succeeded);
  served.stop_and_expect_success();
}

TEST(AKilledManager, TakesItsWorkersWithItAndTheNextOneRunsTheirJobs) {
  Served served;
  served.start();
  Gate gate{served.folder_ / "gate"};
  const Job job = served.submit({.tag = "gate", .type = "gate", .data = {{"gate", gate.path()}}});
  ASSERT_TRUE(gate.wait_for_job());
  const std::vector<pid_t> workers = served.host_->children();
  ASSERT_EQ(workers.size(), 2U);
  served.host_->signal(SIGKILL);
  served.host_->wait_for_exit();
  EXPECT_TRUE(eventually([&] { return !is_alive(workers[0]) && !is_alive(workers[1]); }, 1500ms));
  gate.open();

  served.start();
  ASSERT_TRUE(gate.wait_for_job());
  gate.open();
  EXPECT_EQ(served.finished(job.id).state, JobState::succeeded);
  served.stop_and_expect_success();
}

struct Misdeed {
  std::string how{};
  std::string reason{};
  std::string sentence{};
};

void PrintTo(const Misdeed& misdeed, std::ostream* to) {
  *to << misdeed.how;
}

class AMisbehavingHandler : public ::testing::TestWithParam<Misdeed> {};

TEST_P(AMisbehavingHandler, EndsItsOwnJobWithASentenceAndTheNextJobRuns) {
  Served served{{{"WORKER_COUNT", "1"}}};
  served.start();
  const Misdeed& misdeed = GetParam();
  const Job bad =
      served.submit({.tag = "bad", .type = "misbehave", .data = {{"how", misdeed.how}}});
  const Job good = served.submit({.tag = "good", .type = "count"});
  const Job ended = served.finished(bad.id);
  EXPECT_EQ(ended.state, JobState::failed);
  EXPECT_EQ(ended.reason, misdeed.reason);
  EXPECT_THAT(error_of(ended), HasSubstr(misdeed.sentence));
  const Job next = served.finished(good.id);
  EXPECT_EQ(next.state, JobState::succeeded);
  EXPECT_EQ(next.crash_count, 0);
  EXPECT_EQ(next.attempt, 1);
  served.stop_and_expect_success();
}

INSTANTIATE_TEST_SUITE_P(
    Everything,
    AMisbehavingHandler,
    ::testing::Values(Misdeed{"throw", "error", "the disk of the printer is on fire"},
                      Misdeed{"throw-int", "error", "not a std::exception"},
                      Misdeed{"segfault", "crashed", "signal 11"},
                      Misdeed{"abort", "crashed", "signal 6"},
                      Misdeed{"overflow", "crashed", "signal 11"},
                      Misdeed{"exit", "crashed", "exited with code 0"},
                      Misdeed{"spin", "timed_out", "did not end within its timeout"}),
    [](const auto& instance) {
      std::string name = instance.param.how;
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace errand::e2e
