#include "manager/wake_plan.hpp"

#include <set>

#include <gmock/gmock.h>

namespace errand {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SteadyPoint at(milliseconds ms) {
  return SteadyPoint{ms};
}

/// Workers 1…count, all idle.
std::vector<WakePlan::Worker> idle(int count) {
  std::vector<WakePlan::Worker> workers;
  for (int slot = 1; slot <= count; ++slot)
    workers.push_back({slot, 0});
  return workers;
}

TEST(WakePlan, TellsOneWorkerOfOneRequest) {
  WakePlan plan;
  const auto workers = idle(64);
  plan.ask();
  EXPECT_THAT(plan.step(workers, at(0ms)).slots, SizeIs(1));
  EXPECT_THAT(plan.step(workers, at(10ms)).slots, IsEmpty());
}

TEST(WakePlan, AsksToBeSteppedOnlyWhileSomethingIsOpen) {
  WakePlan plan;
  const auto workers = idle(2);
  EXPECT_EQ(plan.step(workers, at(0ms)).next_deadline, std::nullopt);
  plan.ask();
  EXPECT_EQ(plan.step(workers, at(0ms)).next_deadline, at(10ms));
  EXPECT_EQ(plan.step(workers, at(10ms)).next_deadline, at(20ms));
  EXPECT_EQ(plan.step(workers, at(20ms)).next_deadline, std::nullopt);
}

TEST(WakePlan, PrefersIdleWorkersToBusyOnes) {
  WakePlan plan;
  const WakePlan::Worker workers[] = {{1, 3}, {2, 1}, {3, 0}};
  plan.ask();
  EXPECT_THAT(plan.step(workers, at(0ms)).slots, ElementsAre(3));
  plan.ask();
  EXPECT_THAT(plan.step(workers, at(1ms)).slots, ElementsAre(2));
  plan.ask();
  EXPECT_THAT(plan.step(workers, at(2ms)).slots, ElementsAre(1));
}

TEST(WakePlan, HasTheIdlestLookEachInItsTurn) {
  WakePlan plan;
  const WakePlan::Worker workers[] = {{1, 1}, {2, 0}, {3, 0}};
  EXPECT_EQ(plan.one_to_look(workers, at(0s)), 2);
  EXPECT_EQ(plan.one_to_look(workers, at(1s)), 3);
  EXPECT_EQ(plan.one_to_look(workers, at(2s)), 2);
  EXPECT_EQ(plan.one_to_look({}, at(3s)), std::nullopt);
}

TEST(WakePlan, HasAtMostOneMessageInFlightPerWorker) {
  WakePlan plan;
  const auto workers = idle(3);
  int told = 0;
  for (int i = 0; i < 1000; ++i) {
    plan.ask();
    told += static_cast<int>(plan.step(workers, at(1ms)).slots.size());
  }
  EXPECT_EQ(told, 3);
}

TEST(WakePlan, DoesNotForgetARequestThatFoundEveryoneTold) {
  WakePlan plan;
  const auto workers = idle(1);
  plan.ask();
  EXPECT_THAT(plan.step(workers, at(0ms)).slots, ElementsAre(1));
  plan.ask();
  const auto step = plan.step(workers, at(0ms));
  EXPECT_THAT(step.slots, IsEmpty());
  EXPECT_EQ(step.next_deadline, at(1ms)) << "a quick job shows nothing: soon it is told again";
  EXPECT_THAT(plan.step(workers, at(1ms)).slots, ElementsAre(1));
}

TEST(WakePlan, TellsAWorkerAgainOnceItDidSomething) {
  WakePlan plan;
  const auto workers = idle(1);
  plan.ask();
  static_cast<void>(plan.step(workers, at(0ms)));
  plan.heard(1);
  plan.ask();
  EXPECT_THAT(plan.step(workers, at(1ms)).slots, ElementsAre(1));
}

TEST(WakePlan, WakesTwoMoreForEachThatFoundWork) {
  WakePlan plan;
  auto workers = idle(64);
  plan.ask();
  std::set<int> told;
  std::size_t rounds = 0;
  for (auto now = 0ms; told.size() < 64 && rounds < 20; now += 10ms, ++rounds)
    for (const int slot : plan.step(workers, at(now)).slots) {
      told.insert(slot);
      workers.at(static_cast<std::size_t>(slot) - 1).running = 1;
    }
  EXPECT_EQ(told.size(), 64U);
  EXPECT_LE(rounds, 8U);
}

TEST(WakePlan, EndsTheChainWithTheLastIdleWorker) {
  WakePlan plan;
  auto workers = idle(2);
  plan.ask();
  for (auto now = 0ms; now < 100ms; now += 10ms)
    for (const int slot : plan.step(workers, at(now)).slots)
      workers.at(static_cast<std::size_t>(slot) - 1).running = 1;
  EXPECT_EQ(plan.step(workers, at(100ms)).next_deadline, std::nullopt);
}

TEST(WakePlan, DoesNotTellTheOneThatAsked) {
  WakePlan plan;
  const auto workers = idle(2);
  plan.ask(1);
  EXPECT_THAT(plan.step(workers, at(0ms)).slots, ElementsAre(2));
  plan.ask(1);
  EXPECT_THAT(plan.step(idle(1), at(1ms)).slots, IsEmpty());
  EXPECT_EQ(plan.step(idle(1), at(30ms)).next_deadline, std::nullopt);
}

TEST(WakePlan, TellsAnybodyWhenSeveralAsked) {
  WakePlan plan;
  plan.ask(1);
  plan.ask(2);
  EXPECT_THAT(plan.step(idle(1), at(0ms)).slots, ElementsAre(1));
}

TEST(WakePlan, ForgetsWorkersThatAreGone) {
  WakePlan plan;
  plan.ask();
  static_cast<void>(plan.step(idle(1), at(0ms)));
  EXPECT_EQ(plan.step({}, at(1ms)).next_deadline, std::nullopt);
  plan.ask();
  EXPECT_EQ(plan.step({}, at(2ms)).next_deadline, std::nullopt) << "whoever comes polls first";
}

TEST(WakePlan, TakesTurnsAmongTheIdle) {
  WakePlan plan;
  const auto workers = idle(3);
  std::set<int> told;
  for (int i = 0; i < 3; ++i) {
    plan.ask();
    for (const int slot : plan.step(workers, at(i * 100ms)).slots)
      told.insert(slot);
  }
  EXPECT_EQ(told.size(), 3U);
}

}  // namespace
}  // namespace errand
