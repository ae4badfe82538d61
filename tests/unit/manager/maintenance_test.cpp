#include "manager/maintenance.hpp"

#include <gmock/gmock.h>

#include "helpers/captured_log.hpp"
#include "helpers/fake_job_store.hpp"
#include "helpers/settable_clock.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::CapturedLog;
using errand::testing::FakeJobStore;
using errand::testing::SettableClock;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ClaimedJob claim(JobId id) {
  ClaimedJob job;
  job.id = id;
  job.claim_seq = 1;
  job.type = "resize";
  job.data = "{}";
  return job;
}

class MaintenanceTest : public ::testing::Test {
 protected:
  MaintenanceTest() {
    registry_.add("resize", [](JobContext&, const Json&) {});
    registry_.add("nightly", [](JobContext&, const Json&) {}, {.cron = "0 0 3 * * *"});
  }

  milliseconds step(milliseconds at) { return maintenance_.step(SteadyPoint{at}); }

  /// Both clocks go on, step by step.
  void live_until(milliseconds until) {
    while (now_ < until) {
      now_ += 1s;
      store_.time += 1s;
      static_cast<void>(step(now_));
    }
  }

  FakeJobStore store_{};
  JobRegistry registry_{};
  std::shared_ptr<CapturedLog> log_ = std::make_shared<CapturedLog>();
  Maintenance maintenance_{
      store_, registry_, Log{log_, LogLevel::debug}, {.clock = std::make_shared<SettableClock>()}};
  milliseconds now_{0};
};

TEST_F(MaintenanceTest, TakesOverWhatFormerLivesLeftUnblamed) {
  store_.live = {{7, "former", 1, 4711, {}, {}}};
  store_.claims[7] = {claim(1), claim(2)};
  store_.claims[3] = {claim(9)};  // dead, but not released when its server died too
  maintenance_.take_over();
  EXPECT_TRUE(store_.ended.contains(7));
  ASSERT_THAT(store_.completed, SizeIs(3));
  for (const Completion& completion : store_.completed) {
    EXPECT_EQ(completion.transition.to, Transition::To::scheduled);
    EXPECT_EQ(completion.transition.crash_count, 0);
  }
  EXPECT_TRUE(log_->has("worker 1 (pid 4711) is taken for dead")) << log_->all();
}

TEST_F(MaintenanceTest, LeavesOtherNodesAloneWhenThereMayBeSome) {
  Maintenance one_of_many{store_, registry_, Log{}, {.sole_node = false}};
  store_.live = {{7, "another", 1, 4711, {}, {}}};
  one_of_many.take_over();
  EXPECT_THAT(store_.ended, IsEmpty());
}

TEST_F(MaintenanceTest, DoesEverythingAtItsFirstStepAndThenEachInItsPeriod) {
  EXPECT_EQ(step(0ms), 1s);
  EXPECT_THAT(store_.crons, SizeIs(1));
  EXPECT_EQ(store_.crons[0].tag, "nightly");
  EXPECT_THAT(store_.looks, SizeIs(1));
  EXPECT_EQ(step(500ms), 500ms);
  EXPECT_THAT(store_.looks, SizeIs(1));
  now_ = 1s;
  live_until(60s);
  EXPECT_THAT(store_.crons, SizeIs(2));
  EXPECT_THAT(store_.looks, SizeIs(60));
}

TEST_F(MaintenanceTest, LooksForAllWorkersOfTheNode) {
  MaintenanceOptions options;
  options.queues = {{"mail", 3}};
  options.poll_interval = 5s;
  std::vector<NodeLook> told;
  options.on_look = [&](const NodeLook& look) {
    told.push_back(look);
  };
  store_.seen.next_due = store_.time;
  Maintenance node{store_, registry_, Log{}, options};
  static_cast<void>(node.step(SteadyPoint{}));
  ASSERT_THAT(store_.looks, SizeIs(1));
  EXPECT_THAT(store_.looks[0].types, ::testing::ElementsAre("nightly", "resize"));
  EXPECT_EQ(store_.looks[0].queues.front().queue, "mail");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].due_in(), 0us);
  for (auto now = 1s; now <= 4s; now += 1s)
    static_cast<void>(node.step(SteadyPoint{now}));
  EXPECT_THAT(store_.looks, SizeIs(3)) << "lost nodes are found though workers seldom poll";
  EXPECT_THAT(told, SizeIs(1));
  for (auto now = 5s; now <= 10s; now += 1s)
    static_cast<void>(node.step(SteadyPoint{now}));
  EXPECT_THAT(told, SizeIs(2));
}

TEST_F(MaintenanceTest, LooksAsOftenAsWorkersPoll) {
  Maintenance node{store_, registry_, Log{}, {.poll_interval = 100ms}};
  for (auto now = 0ms; now < 1s; now += 10ms)
    static_cast<void>(node.step(SteadyPoint{now}));
  EXPECT_THAT(store_.looks, SizeIs(10));
}

TEST_F(MaintenanceTest, AsksNothingElseWhereTheLookSeesNothing) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time + 1h}};
  store_.seen.due_since = store_.time + 100s;
  live_until(60s);
  EXPECT_THAT(store_.patience, IsEmpty());
  EXPECT_EQ(store_.lists_of_live, 0);
  const auto of_dead = [](const LookRequest& look) {
    return look.asks_of_dead;
  };
  EXPECT_EQ(std::ranges::count_if(store_.looks, of_dead), 30) << "every two seconds";
}

TEST_F(MaintenanceTest, LooksForStrangersOnceSomethingHasBeenDueForTwoSeconds) {
  store_.seen.due_since = store_.time + 10s;
  live_until(11s);
  EXPECT_THAT(store_.patience, IsEmpty());
  live_until(15s);
  EXPECT_THAT(store_.patience, ::testing::ElementsAre(2s, 2s, 2s, 2s));
}

/// What is dead in the index and cannot be cleared away is passed over each time.
TEST_F(MaintenanceTest, LooksForUnknownTypesATwentiethOfTheTimeAtMost) {
  const auto clock = std::make_shared<SettableClock>();
  clock->step_steady(200ms);
  store_.seen.due_since = store_.time - 2s;
  Maintenance slow{store_, registry_, Log{}, {.clock = clock}};
  EXPECT_EQ(slow.step(SteadyPoint{0s}), 2s) << "the dead are looked for as often as ever";
  EXPECT_EQ(slow.step(SteadyPoint{2s}), 2s);
  EXPECT_THAT(store_.looks, SizeIs(1));
  EXPECT_THAT(store_.patience, SizeIs(1));
  static_cast<void>(slow.step(SteadyPoint{4s}));
  EXPECT_THAT(store_.looks, SizeIs(2));
  EXPECT_THAT(store_.patience, SizeIs(2));
}

TEST_F(MaintenanceTest, SaysThatJobsOfUnknownTypesFailed) {
  store_.strangers = 3;
  store_.seen.due_since = store_.time - 2s;
  static_cast<void>(step(0ms));
  EXPECT_TRUE(log_->has("no live worker knows their type")) << log_->all();
}

TEST_F(MaintenanceTest, SurvivesADatabaseThatIsAwayAndSaysSoOnce) {
  store_.away = true;
  live_until(30s);
  const std::string lines = log_->all();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
  store_.away = false;
  live_until(95s);
  EXPECT_THAT(store_.looks, SizeIs(65));
  EXPECT_TRUE(log_->has("info maintenance can look for due jobs again")) << log_->all();
}

TEST_F(MaintenanceTest, LeavesADeadProcessToItsManagerForFourSecondsAndThenReleasesWhatItHolds) {
  store_.claims[5] = {claim(1)};
  live_until(4s);
  EXPECT_THAT(store_.completed, IsEmpty());
  live_until(6s);
  ASSERT_THAT(store_.completed, SizeIs(1));
  EXPECT_EQ(store_.completed[0].id, 1);
}

TEST_F(MaintenanceTest, EndsAProcessWhoseBeatStoodStillForALease) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time}};
  store_.claims[7] = {claim(1)};
  live_until(29s);
  EXPECT_THAT(store_.ended, IsEmpty());
  live_until(45s);
  EXPECT_TRUE(store_.ended.contains(7));
  EXPECT_THAT(store_.completed, SizeIs(1));
}

TEST_F(MaintenanceTest, LeavesAProcessThatBeats) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time}};
  for (int i = 1; i <= 24; ++i) {
    live_until(i * 5s);
    store_.live.at(0).beat = store_.time;
  }
  EXPECT_THAT(store_.ended, IsEmpty());
}

TEST_F(MaintenanceTest, BelievesAnOldBeatAfterItHasWatchedFifteenSeconds) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time - 1h}};  // or a clock was set
  live_until(15s);
  EXPECT_THAT(store_.ended, IsEmpty());
  live_until(19s);
  EXPECT_THAT(store_.ended, SizeIs(1));
}

TEST_F(MaintenanceTest, LeavesAProcessWhoseBeatMovesAfterAClockWasSet) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time - 1h}};
  live_until(14s);
  store_.live.at(0).beat = store_.time;
  live_until(40s);
  EXPECT_THAT(store_.ended, IsEmpty());
}

TEST_F(MaintenanceTest, FindsALostNodeFourSecondsAfterItsLeaseAtTheLatest) {
  for (milliseconds last_beat = 0s; last_beat < 5s; last_beat += 1s) {
    FakeJobStore store;
    store.live = {{7, "another", 1, 4711, {}, store.time + last_beat}};
    Maintenance maintenance{store, registry_, Log{}, {.sole_node = false}};
    milliseconds now = last_beat;
    for (; store.ended.empty() && now < 100s; now += 100ms) {
      store.time += 100ms;
      static_cast<void>(maintenance.step(SteadyPoint{now}));
    }
    EXPECT_LE(now - last_beat, 34s + 100ms);
    EXPECT_TRUE(store.ended.contains(7));
  }
}

TEST_F(MaintenanceTest, GivesEverybodyAFullLeaseAfterTheDatabaseWasAway) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time}};
  live_until(5s);
  store_.away = true;
  live_until(120s);
  store_.away = false;
  live_until(145s);
  EXPECT_THAT(store_.ended, IsEmpty());
  live_until(155s);
  EXPECT_THAT(store_.ended, SizeIs(1));
}

TEST_F(MaintenanceTest, SaysThatJobsAreDueAgainWhenItReleasedSome) {
  int told = 0;
  MaintenanceOptions options;
  options.on_released = [&] {
    ++told;
  };
  Maintenance maintenance{store_, registry_, Log{}, options};
  store_.live = {{7, "former", 1, 4711, {}, {}}};
  maintenance.take_over();
  EXPECT_EQ(told, 0) << "it held nothing";
  store_.live = {{8, "former", 1, 4712, {}, {}}};
  store_.claims[8] = {claim(1)};
  maintenance.take_over();
  EXPECT_EQ(told, 1);
}

TEST_F(MaintenanceTest, LeavesAProcessThatBeatsJustBeforeItIsEnded) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time}};
  store_.claims[7] = {claim(1)};
  store_.beating = {7};
  live_until(60s);
  EXPECT_THAT(store_.ended, IsEmpty());
  EXPECT_THAT(store_.completed, IsEmpty()) << "its jobs stay its own";
  EXPECT_FALSE(log_->has("taken for dead")) << log_->all();
}

TEST_F(MaintenanceTest, SaysNothingOfJobsThatSomebodyElsePutBack) {
  store_.live = {{7, "former", 1, 4711, {}, {}}};
  store_.claims[7] = {claim(1)};
  store_.stale = {1};
  maintenance_.take_over();
  EXPECT_THAT(store_.completed, SizeIs(1));
  EXPECT_FALSE(log_->has("are scheduled again")) << log_->all();
}

TEST_F(MaintenanceTest, DoesNotBelieveABeatOfTheFuture) {
  store_.live = {{7, "another", 1, 4711, {}, store_.time + 1h}};
  live_until(120s);
  EXPECT_THAT(store_.ended, IsEmpty());
}

}  // namespace
}  // namespace errand
