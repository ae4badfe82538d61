// A run without memory ends in a result, a line without memory ends or goes on, and neither takes
// the process with it.

#include <errand/errand.hpp>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "base/system_clock.hpp"
#include "fail_nth/failing_new.hpp"
#include "helpers/database_home.hpp"
#include "helpers/run_until.hpp"
#include "helpers/store_values.hpp"
#include "ipc/channel.hpp"
#include "worker/job_runner.hpp"

namespace errand::testing {
namespace {

JobRegistry some_types() {
  JobRegistry jobs;
  jobs.add("work", [](JobContext& context, const Json& data) -> Json {
    context.progress(0.5, "half of a job that has a rather long note");
    return {{"seen", data}, {"tag", context.job().tag}};
  });
  jobs.add("throw", [](JobContext&, const Json&) {
    throw std::runtime_error{"a sentence that is longer than a small string"};
  });
  jobs.add("snooze", [](JobContext&, const Json&) -> Outcome {
    return Outcome::snooze(std::chrono::minutes{1});
  });
  return jobs;
}

class RunWithoutMemory : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] RunResult run() {
    ClaimedJob job;
    job.id = 7;
    job.tag = "a tag that is longer than a small string";
    job.type = GetParam();
    job.data = R"({"name":"a name that is longer than a small string"})";
    ActiveRun active{std::move(job), {}, {}};
    return run_job(active, tools_);
  }

  TemporaryDatabase file_{};
  ServerApp app_{[this] {
                   Config config;
                   config.database_url = file_.url();
                   return config;
                 }(),
                 some_types()};
  SystemClock clock_{};
  std::unique_ptr<Store> store_{open_store({.database_url = file_.url()})};
  RunTools tools_{app_, app_.registry(), store_->jobs(), store_->database(), clock_, Log{}, {}};
};

TEST_P(RunWithoutMemory, EndsInAResult) {
  const RunResult expected = run();
  RunResult result;
  for (int nth = 1;; ++nth) {
    ClaimedJob job;
    job.type = GetParam();
    job.tag = "a tag that is longer than a small string";
    job.data = R"({"name":"a name that is longer than a small string"})";
    ActiveRun active{std::move(job), {}, {}};
    FailingNew::arm(nth, false);
    EXPECT_NO_THROW(result = run_job(active, tools_)) << nth;
    if (!FailingNew::disarm())
      break;
    EXPECT_TRUE(result.end == RunEnd::failed || result.end == expected.end) << nth;
  }
  EXPECT_EQ(result.end, expected.end);
  EXPECT_EQ(result.error, expected.error);
}

INSTANTIATE_TEST_SUITE_P(Handlers,
                         RunWithoutMemory,
                         ::testing::Values("work", "throw", "snooze", "nobody knows"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, ' ');
                           return name;
                         });

/// A line between two ends on one event loop.
class LineWithoutMemory : public ::testing::Test {
 protected:
  void connect() {
    received_ = 0;
    ends_ = 0;
    auto [one, other] = ipc::make_socketpair();
    sender_ = open(std::move(one));
    receiver_ = open(std::move(other));
    run_ready(context_);
  }

  std::shared_ptr<ipc::Channel> open(UniqueFd fd) {
    return ipc::Channel::open(context_,
                              std::move(fd),
                              {[this](const ipc::Message&) { ++received_; },
                               [this](const std::string&) {
                                 ++ends_;
                               }});
  }

  void send() { sender_->send(ipc::WorkerError{"an error that is longer than a small string", 1}); }

  boost::asio::io_context context_{1};
  std::shared_ptr<ipc::Channel> sender_{};
  std::shared_ptr<ipc::Channel> receiver_{};
  int received_{0};
  int ends_{0};
};

/// Either the message is refused, and the line is as good as before, or it arrives, or the line
/// ends: it never stands still.
TEST_F(LineWithoutMemory, NeverStandsStill) {
  for (int nth = 1;; ++nth) {
    connect();
    bool refused = false;
    FailingNew::arm(nth, false);
    try {
      send();
    } catch (const std::bad_alloc&) {
      refused = true;
    }
    EXPECT_NO_THROW(run_ready(context_)) << nth;
    const bool failed = FailingNew::disarm();
    run_ready(context_);
    EXPECT_TRUE(refused || received_ == 1 || ends_ > 0) << nth;
    if (ends_ == 0) {
      send();
      ASSERT_TRUE(run_until(context_, [&] { return received_ == (refused ? 1 : 2); })) << nth;
    }
    if (!failed)
      break;
  }
}

}  // namespace
}  // namespace errand::testing
