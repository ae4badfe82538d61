// The threads that run handlers, with a clock that the test sets.
#include "worker/lanes.hpp"

#include <atomic>
#include <errand/server_app.hpp>

#include <gmock/gmock.h>

#include "helpers/fake_job_store.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::FakeJobStore;

constexpr TimePoint eight{std::chrono::microseconds{1'800'000'000'000'000}};  // in January 2027

/// The machine's clock is ten minutes fast.
class FastClock final : public Clock {
 public:
  [[nodiscard]] TimePoint wall_now() const override { return eight + 10min; }

  [[nodiscard]] SteadyPoint steady_now() const override { return SteadyPoint{1h} + steady_.load(); }

  void advance(std::chrono::nanoseconds duration) { steady_ = steady_.load() + duration; }

 private:
  std::atomic<std::chrono::nanoseconds> steady_{0ns};
};

class LanesTest : public ::testing::Test {
 protected:
  LanesTest() {
    registry_.add("each-second", [this](JobContext&, const Json&) { clock_.advance(2'500ms); });
  }

  ~LanesTest() override {
    handover_.close();
    lanes_.join();
  }

  FinishedRun run(ClaimedJob job) {
    std::vector<ClaimedJob> jobs;
    jobs.push_back(std::move(job));
    handover_.give(std::move(jobs), clock_.steady_now());
    lanes_.start();
    handover_.close();
    lanes_.join();
    return std::move(handover_.take_finished().at(0));
  }

  FastClock clock_{};
  JobRegistry registry_{};
  FakeJobStore store_{};
  ServerApp app_{{}, {}};
  RunTools tools_{app_, registry_, store_, app_.database(), clock_, Log{}};
  Handover handover_{1};
  std::unique_ptr<ipc::FlightRecorder> recorder_{ipc::FlightRecorder::attach(-1)};
  Lanes lanes_{1, tools_, handover_, *recorder_};
};

TEST_F(LanesTest, ReckonsTheNextSlotOfACronByTheDatabasesClock) {
  ClaimedJob job;
  job.type = "each-second";
  job.data = "{}";
  job.cron_schedule = "* * * * * *";
  job.cron_slot = eight;
  job.started = eight;
  job.taken = clock_.steady_now();
  job.misfire = Misfire::latest;
  EXPECT_EQ(run(job).transition.next_slot, eight + 2s) << "it ran for two and a half seconds";
}

TEST_F(LanesTest, KeepsNoPayloadOfWhatHasRun) {
  ClaimedJob job;
  job.type = "each-second";
  job.data = R"({"large":"payload"})";
  job.user_id = 7;
  const FinishedRun ended = run(job);
  EXPECT_EQ(ended.transition.state, JobState::succeeded);
  EXPECT_EQ(ended.told->user_id, 7);
  EXPECT_EQ(ended.told->data, "");
  EXPECT_EQ(ended.told->data.capacity(), std::string{}.capacity());
}

TEST_F(LanesTest, KeepsTheWholeJobOnlyWhereAUserIsTold) {
  ClaimedJob job;
  job.id = 5;
  job.type = "each-second";
  job.data = "{}";
  const FinishedRun ended = run(job);
  EXPECT_EQ(ended.id, 5);
  EXPECT_EQ(ended.told, nullptr);
}

}  // namespace
}  // namespace errand
