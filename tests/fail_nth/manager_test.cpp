// Rescue and maintenance while calls of the database fail: blame is given once, nothing is left
// with the dead, and what failed is done the next time.

#include <gmock/gmock.h>

#include "fail_nth/bench.hpp"
#include "manager/maintenance.hpp"
#include "manager/rescuer.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

class FailingRescue : public ::testing::TestWithParam<std::string> {
 protected:
  FailingRescue() {
    registry_.add("work", [](JobContext&, const Json&) {});
    registry_.add("nightly", [](JobContext&, const Json&) {}, {.cron = "0 0 3 * * *"});
  }

  void prepare() {
    bench_.reset();
    bench_.submit({work_job("ran"), work_job("waited")});
    bench_.claim();
    told_.clear();
  }

  [[nodiscard]] ChildDeath death() const {
    ChildDeath death;
    death.process = bench_.worker;
    death.pid = 41;
    death.sentence = "it was killed";
    death.running = {{bench_.ids.at(0), 1, {}, {}}};
    return death;
  }

  /// Calls `run(variant…)` for every call until it is not reached any more.
  template <typename Run>
  void for_every_call(Run run) {
    for (const bool takes_effect : {false, true})
      for (const bool lasts : {false, true}) {
        int nth = 1;
        for (; nth < 100; ++nth) {
          SCOPED_TRACE(::testing::Message() << "call " << nth << (takes_effect ? " after" : "")
                                            << (lasts ? " and all later ones" : ""));
          prepare();
          bench_.plan.arm(nth, takes_effect, lasts);
          run();
          if (!bench_.plan.hit || HasFailure())
            break;
        }
        EXPECT_GT(nth, 3);
      }
  }

  [[nodiscard]] std::int64_t count(const std::string& where) {
    return bench_.honest().database().with_transaction([&](Transaction& tx) {
      return tx.query("SELECT count(*) FROM " + where).get<std::int64_t>(0, 0);
    });
  }

  Bench bench_{GetParam()};
  JobRegistry registry_{};
  std::vector<JobId> told_{};
};

TEST_P(FailingRescue, BlamesOnceAndLeavesNothingWithTheDead) {
  for_every_call([this] {
    Rescuer rescuer{bench_.failing().jobs(),
                    registry_,
                    Log{},
                    "n",
                    [this](const RescuedJob& rescued, const ChildDeath&) {
                      told_.push_back(rescued.job.id);
                    }};
    rescuer.rescue(death());
    bench_.plan.heal();
    static_cast<void>(rescuer.retry());
    EXPECT_EQ(rescuer.waiting(), 0U);
    EXPECT_EQ(count("worker_jobs WHERE started IS NULL AND finished IS NULL"), 2);
    EXPECT_EQ(count("worker_jobs WHERE tag = 'ran' AND crash_count = 1"), 1);
    EXPECT_EQ(count("worker_jobs WHERE tag = 'waited' AND crash_count = 0"), 1);
    EXPECT_EQ(count("worker_processes WHERE ended IS NULL"), 0);
    EXPECT_LE(told_.size(), 2U);
  });
}

TEST_P(FailingRescue, MaintenanceDoesTheNextTimeWhatFailed) {
  for_every_call([this] {
    PreparedJob stranger = work_job("stranger");
    stranger.type = "nobody knows";
    bench_.submit({stranger});
    bench_.advance(10s);
    const ProcessId dead = bench_.worker;
    bench_.honest().jobs().end_process(dead, "it was killed");
    bench_.begin_worker(2);
    Maintenance maintenance{
        bench_.failing().jobs(), registry_, Log{}, {.dead_claims_patience = 0ms}};
    SteadyPoint now{};
    static_cast<void>(maintenance.step(now));
    bench_.plan.heal();
    for (const auto later : {1min, 2min})
      static_cast<void>(maintenance.step(now + later));
    EXPECT_THAT(bench_.honest().jobs().claims_of(dead), IsEmpty());
    EXPECT_EQ(count("worker_jobs WHERE tag = 'stranger' AND reason = 'unknown_type'"), 1);
    EXPECT_EQ(count("worker_jobs WHERE tag = 'nightly' AND finished IS NULL"), 1);
    EXPECT_EQ(count("worker_jobs WHERE crash_count > 0"), 0);
  });
}

TEST_P(FailingRescue, ATakeOverIsRepeatedUntilItIsDone) {
  for_every_call([this] {
    Maintenance maintenance{bench_.failing().jobs(), registry_, Log{}};
    try {
      maintenance.take_over();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
    }
    bench_.plan.heal();
    maintenance.take_over();
    EXPECT_EQ(count("worker_jobs WHERE started IS NULL"), 2);
    EXPECT_EQ(count("worker_processes WHERE ended IS NULL"), 0);
  });
}

INSTANTIATE_TEST_SUITE_P(FailNth,
                         FailingRescue,
                         ::testing::Values("sqlite", "postgresql"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace errand::testing
