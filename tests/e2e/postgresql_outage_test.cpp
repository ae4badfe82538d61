#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "helpers/http_client.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;
using testing::HttpClient;
using testing::PostgresCluster;
using testing::WebSocketClient;

class ADatabaseThatGoesAway : public ::testing::Test {
 protected:
  ADatabaseThatGoesAway() : node_{{}, cluster_.url()} {}

  int readiness() { return HttpClient{node_.port()}.request("GET", "/readyz").status; }

  /// Other messages are passed over.
  static bool hears(WebSocketClient& browser, const std::string& type) {
    while (const auto message = browser.read())
      if (message->value("type", "") == type)
        return true;
    return false;
  }

  /// Submits until it is acknowledged.
  JobId submit(const NewJob& job) {
    JobId id = 0;
    EXPECT_TRUE(eventually([&] {
      try {
        id = node_.submit(job).id;
      } catch (const Error&) {
        return false;
      }
      return true;
    }));
    return id;
  }

  PostgresCluster cluster_{{"fsync = on"}};
  Served node_;
};

TEST_F(ADatabaseThatGoesAway, LosesNoAcknowledgedJobAndEndsNoProcess) {
  node_.start();
  const std::vector<pid_t> workers = node_.host_->children();
  std::vector<JobId> acknowledged;
  for (const int signal : {SIGINT, SIGQUIT, SIGINT}) {
    for (int each = 0; each < 100; ++each)
      acknowledged.push_back(submit({.tag = "count", .type = "count"}));
    cluster_.stop(signal);
    ASSERT_TRUE(eventually([&] { return readiness() == 503; }));
    cluster_.start();
    acknowledged.push_back(submit({.tag = "count", .type = "count"}));
  }
  for (const JobId id : acknowledged)
    ASSERT_EQ(node_.finished(id).state, JobState::succeeded) << id;
  EXPECT_TRUE(eventually([&] { return readiness() == 200; }));
  EXPECT_THAT(node_.host_->children(), ::testing::UnorderedElementsAreArray(workers));
}

TEST_F(ADatabaseThatGoesAway, KeepsBrowsersConnectedAndSaysLittle) {
  node_.start();
  WebSocketClient browser{node_.port()};
  browser.register_as(node_.client_.create_user_token(42));
  ASSERT_TRUE(hears(browser, "registered"));
  const std::size_t lines_before = node_.host_->lines_so_far();
  cluster_.stop(SIGINT);
  ASSERT_TRUE(eventually([&] { return readiness() == 503; }));
  EXPECT_FALSE(eventually([&] { return readiness() == 200; }, 5s)) << "five seconds of outage";
  cluster_.start();
  ASSERT_TRUE(eventually([&] { return readiness() == 200; }));
  NewJob job{.tag = "tell", .type = "tellUser"};
  job.user_id = 42;
  submit(job);
  EXPECT_TRUE(hears(browser, "notification_received")) << "on the connection it had before";
  EXPECT_LE(node_.host_->lines_so_far() - lines_before, 25U) << node_.host_->output();
}

TEST_F(ADatabaseThatGoesAway, KeepsResultsUntilTheyCanBeRecorded) {
  node_.start();
  const auto runs = node_.folder_ / "runs";
  Gate gate{node_.folder_ / "gate"};
  const JobId id = submit(
      {.tag = "gate", .type = "gate", .data = {{"gate", gate.path()}, {"runs", runs.string()}}});
  ASSERT_TRUE(gate.wait_for_job());
  cluster_.stop(SIGINT);
  gate.open();
  node_.host_->wait_for_line({"cannot exchange jobs with the database"});
  cluster_.start();
  ASSERT_TRUE(eventually([&] { return readiness() == 200; }));
  EXPECT_EQ(node_.finished(id).state, JobState::succeeded);
  EXPECT_EQ(lines_of(runs).size(), 1U) << "it ran once";
}

TEST_F(ADatabaseThatGoesAway, BlamesACrashThatItDidNotSee) {
  node_.start();
  Gate gate{node_.folder_ / "gate"};
  const JobId id = submit({.tag = "gate", .type = "gate", .data = {{"gate", gate.path()}}});
  const pid_t worker = node_.worker_of(id);
  ASSERT_TRUE(gate.wait_for_job());
  cluster_.stop(SIGINT);
  ::kill(worker, SIGKILL);
  node_.host_->wait_for_line({"cannot put back the jobs of a dead worker"});
  cluster_.start();
  gate.open();
  ASSERT_TRUE(gate.wait_for_job()) << node_.host_->output();
  gate.open();
  const Job last = node_.finished(id);
  EXPECT_EQ(last.state, JobState::succeeded);
  EXPECT_EQ(last.crash_count, 1);
}

TEST_F(ADatabaseThatGoesAway, IsWaitedForAtTheStart) {
  cluster_.stop(SIGINT);
  node_.host_ =
      std::make_unique<HostProcess>(std::vector<std::string>{"serve"}, node_.environment_);
  node_.host_->wait_for_line({"the database is away; trying for 60 s"});
  cluster_.start();
  node_.host_->wait_for_line({"ready", "dashboard="});
  EXPECT_EQ(node_.finished(submit({.tag = "count", .type = "count"})).state, JobState::succeeded);
}

}  // namespace
}  // namespace errand::e2e
