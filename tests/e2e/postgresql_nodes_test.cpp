#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "helpers/http_client.hpp"
#include "helpers/postgres_cluster.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;
using testing::PostgresSession;
using testing::WebSocketClient;

constexpr std::int64_t user = 42;

/// Two nodes of one database. Only A takes from the queue "a", only B from "b"; both poll so seldom
/// that what happens soon was told.
class TwoNodes : public ::testing::Test {
 protected:
  TwoNodes()
      : a_{{{"WORKER_QUEUES", "a"}, {"POLL_INTERVAL", "30s"}}, home_.url()},
        b_{{{"WORKER_QUEUES", "b"}, {"POLL_INTERVAL", "30s"}}, home_.url()} {}

  void start() {
    a_.start();
    b_.start();
  }

  static NewJob job(const std::string& type, const std::string& queue, Json data = Json::object()) {
    NewJob job;
    job.tag = type;
    job.type = type;
    job.queue = queue;
    job.data = std::move(data);
    return job;
  }

  std::unique_ptr<WebSocketClient> browser(Served& node, std::optional<std::int64_t> last = {}) {
    auto client = std::make_unique<WebSocketClient>(node.port());
    client->register_as(node.client_.create_user_token(user), last);
    EXPECT_EQ(read(*client, "registered").value("type", ""), "registered");
    return client;
  }

  /// The next message of this type; others are passed over.
  static Json read(WebSocketClient& client, const std::string& type) {
    while (auto message = client.read())
      if (message->value("type", "") == type)
        return *message;
    return Json::object();
  }

  Home home_{Home::Kind::postgresql};
  Served a_;
  Served b_;
};

TEST_F(TwoNodes, AJobSubmittedAtOneRunsAtTheOtherAtOnce) {
  start();
  const auto begin = std::chrono::steady_clock::now();
  const Job submitted = a_.submit(job("count", "b"));
  EXPECT_EQ(a_.finished(submitted.id).state, JobState::succeeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s) << "B was woken, it did not poll";
}

/// A submission wakes one worker of a node, which learns when the jobs are due.
TEST_F(TwoNodes, JobsThatBecomeDueAreRunAlsoByAWorkerThatSleeps) {
  start();
  Gate first{a_.folder_ / "first"};
  Gate second{a_.folder_ / "second"};
  std::vector<NewJob> jobs;
  for (const Gate* gate : {&first, &second}) {
    jobs.push_back(job("gate", "a", {{"gate", gate->path()}}));
    jobs.back().due = Due{500ms};
  }
  a_.client_.worker_manager().submit_jobs(jobs);
  EXPECT_TRUE(first.wait_for_job());
  EXPECT_TRUE(second.wait_for_job());
  first.open();
  second.open();
}

TEST_F(TwoNodes, AUsersBrowserAtOneHearsOfAJobAtTheOther) {
  start();
  const auto browser = this->browser(a_);
  NewJob telling = job("tellUser", "b");
  telling.user_id = user;
  const Job submitted = b_.submit(telling);
  const Json notification = read(*browser, "notification_received");
  ASSERT_TRUE(notification.contains("data"));
  EXPECT_EQ(b_.finished(submitted.id).state, JobState::succeeded);
  const auto again = this->browser(b_, 0);
  EXPECT_EQ(read(*again, "notification_received").at("data").at("id"),
            notification.at("data").at("id"))
      << "what was missed is replayed by any node";
}

TEST_F(TwoNodes, ABrowserAtOneSeesAJobFinishAtTheOtherBecauseItIsKnownToBeThere) {
  start();
  const auto browser = this->browser(a_);
  ASSERT_TRUE(eventually([&] {
    NewJob telling = job("tellUser", "b");
    telling.user_id = user;
    b_.finished(b_.submit(telling).id);
    const Json message = *browser->read();
    return message.at("type") == "job_finished" || message.at("type") == "job_progress";
  }));
}

TEST_F(TwoNodes, CancellingAtOneStopsAJobThatRunsAtTheOther) {
  start();
  const auto runs = b_.folder_ / "runs";
  const Job submitted = a_.submit(job("obey", "b", {{"runs", runs.string()}}));
  ASSERT_TRUE(eventually([&] { return lines_of(runs).size() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  a_.client_.worker_manager().cancel_job(submitted.id);
  EXPECT_EQ(a_.finished(submitted.id).state, JobState::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s) << "sooner than the next beat";
}

/// What kills a machine kills all its processes at once.
void kill_all_of(Served& node, int signal) {
  std::vector<pid_t> all = node.host_->children();
  all.insert(all.begin(), node.host_->pid());
  for (const pid_t pid : all)
    ::kill(pid, SIGSTOP);
  for (const pid_t pid : all)
    ::kill(pid, signal);
}

TEST_F(TwoNodes, TheJobsOfALostNodeRunElsewhereWithinFortySeconds) {
  a_.environment_["WORKER_QUEUES"] = "b";
  a_.environment_["POLL_INTERVAL"] = "1s";
  b_.start();
  const auto runs = b_.folder_ / "runs";
  Gate gate{b_.folder_ / "gate"};
  const Job submitted =
      b_.submit(job("gate", "b", {{"gate", gate.path()}, {"runs", runs.string()}}));
  ASSERT_TRUE(gate.wait_for_job());
  a_.start();
  const auto begin = std::chrono::steady_clock::now();
  kill_all_of(b_, SIGKILL);
  ASSERT_TRUE(eventually([&] { return lines_of(runs).size() == 2; }, 45s)) << a_.host_->output();
  const auto taken = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(taken, 40s);
  RecordProperty("rescued_after_ms", static_cast<int>(taken / 1ms));
  gate.open();
  gate.wait_for_job();
  gate.open();
  const Job last = a_.finished(submitted.id);
  EXPECT_EQ(last.state, JobState::succeeded);
  EXPECT_EQ(last.crash_count, 0) << "nobody saw what it ran";
}

TEST_F(TwoNodes, ANodeThatSleptPastItsLeaseChangesNothingWhenItWakes) {
  a_.environment_["WORKER_QUEUES"] = "b";
  a_.environment_["POLL_INTERVAL"] = "1s";
  b_.environment_["WORKER_COUNT"] = "1";
  b_.start();
  const auto runs = b_.folder_ / "runs";
  Gate gate{b_.folder_ / "gate"};
  const Job submitted =
      b_.submit(job("gate", "b", {{"gate", gate.path()}, {"runs", runs.string()}}));
  ASSERT_TRUE(gate.wait_for_job());
  a_.start();
  const std::vector<pid_t> sleepers = b_.host_->children();
  kill_all_of(b_, SIGSTOP);
  ASSERT_TRUE(eventually([&] { return lines_of(runs).size() == 2; }, 45s)) << a_.host_->output();
  gate.open();  // both stand there; the one that sleeps finds it open when it wakes
  const Job before = a_.finished(submitted.id);
  EXPECT_EQ(before.state, JobState::succeeded);
  const std::size_t from = b_.host_->lines_so_far();
  PostgresSession session{home_.url()};
  session.run("BEGIN; LOCK TABLE worker_processes IN SHARE MODE");  // a beat comes after the result
  for (const pid_t pid : sleepers)
    ::kill(pid, SIGCONT);
  b_.host_->signal(SIGCONT);
  const std::string left = b_.host_->wait_for_line({"was declared dead", "refused="}, from);
  EXPECT_THAT(left, ::testing::HasSubstr("refused=1"));
  session.run("COMMIT");
  const Job after = a_.finished(submitted.id);
  EXPECT_EQ(after.finished, before.finished);
  EXPECT_EQ(after.worker, before.worker);
  EXPECT_EQ(lines_of(runs).size(), 2U);
  const Job next = b_.submit(job("count", "b"));
  EXPECT_EQ(b_.finished(next.id).state, JobState::succeeded);
  EXPECT_TRUE(eventually([&] { return b_.client_.worker_manager().list_workers().size() >= 3; }))
      << "it has a new worker";
}

}  // namespace
}  // namespace errand::e2e
