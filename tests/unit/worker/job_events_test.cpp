#include "worker/job_events.hpp"

#include <gmock/gmock.h>

#include "helpers/settable_clock.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t user = 42;
constexpr std::int64_t other_user = 43;

class KeptLine final : public ipc::Channel {
 public:
  void send(const ipc::Message& message) override { said.push_back(message); }

  [[nodiscard]] bool wait_for_room(milliseconds /*timeout*/) override { return true; }

  void flush(milliseconds /*timeout*/) override {}

  void close() override {}

  std::vector<ipc::Message> said{};
};

ClaimedJob job_of(JobId id, std::int64_t whose) {
  ClaimedJob job;
  job.id = id;
  job.user_id = whose;
  job.data = R"({"secret":1})";
  return job;
}

FinishedRun run_of(JobId id, std::int64_t whose, std::size_t result_bytes = 0) {
  FinishedRun run = FinishedRun::of(job_of(id, whose));
  run.transition.to = Transition::To::finished;
  if (result_bytes > 0)
    run.transition.result = '"' + std::string(result_bytes, 'x') + '"';
  return run;
}

class JobEventsTest : public ::testing::Test {
 protected:
  void finish(const std::vector<FinishedRun>& runs) {
    std::vector<const FinishedRun*> pointers;
    for (const FinishedRun& run : runs)
      pointers.push_back(&run);
    events_.finished(pointers, TimePoint{1s});
  }

  [[nodiscard]] std::vector<JobId> told() const {
    std::vector<JobId> ids;
    for (const ipc::Message& message : line_.said)
      for (const Json& job : std::get<ipc::JobFinished>(message).jobs)
        ids.push_back(job.at("id").get<JobId>());
    return ids;
  }

  KeptLine line_{};
  std::unique_ptr<ipc::Audience> audience_ = ipc::Audience::create();
  testing::SettableClock clock_{};
  JobEvents events_{line_, *audience_, clock_};
};

TEST_F(JobEventsTest, TellsOfJobsWhoseUsersLook) {
  audience_->came(user);
  finish({run_of(1, user), run_of(2, other_user), run_of(3, user)});
  EXPECT_THAT(told(), ElementsAre(1, 3));
  EXPECT_THAT(line_.said, SizeIs(1)) << "one message for what was recorded together";
}

TEST_F(JobEventsTest, TellsNothingOfJobsWhoseUsersDoNot) {
  ClaimedJob job = job_of(1, user);
  events_.started(job);
  events_.progress(job, {0.5, "half"});
  finish({run_of(1, user)});
  EXPECT_THAT(line_.said, IsEmpty());
  audience_->came(user);
  events_.started(job);
  events_.progress(job, {0.5, "half"});
  EXPECT_THAT(line_.said, SizeIs(2));
}

TEST_F(JobEventsTest, TellsThatJobsHaveEndedWhereSomebodyWaits) {
  audience_->came(ipc::Audience::who_waits);
  finish({run_of(1, user)});
  ASSERT_THAT(line_.said, SizeIs(1));
  EXPECT_THAT(told(), IsEmpty()) << "which ones, who waits finds out";
}

TEST_F(JobEventsTest, TellsProgressAtMostTenTimesASecond) {
  audience_->came(user);
  const ClaimedJob job = job_of(1, user);
  for (int tenth = 0; tenth < 5; ++tenth) {
    events_.progress(job, {0.1, ""});
    events_.progress(job, {0.2, ""});
    clock_.advance_steady(100ms);
  }
  EXPECT_THAT(line_.said, SizeIs(5));
}

TEST_F(JobEventsTest, TellsResultsWithoutPayloadsInMessagesThatFitALine) {
  audience_->came(user);
  std::vector<FinishedRun> runs;
  for (JobId id = 1; id <= 5; ++id)
    runs.push_back(run_of(id, user, 300'000));
  finish(runs);
  EXPECT_THAT(told(), ElementsAre(1, 2, 3, 4, 5));
  for (const ipc::Message& message : line_.said) {
    EXPECT_LT(encode(message).size(), ipc::line_bytes_max);
    EXPECT_TRUE(std::get<ipc::JobFinished>(message).jobs.front().at("data").is_null());
  }
}

}  // namespace
}  // namespace errand
