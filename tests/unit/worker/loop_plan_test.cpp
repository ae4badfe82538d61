#include "worker/loop_plan.hpp"

namespace errand {
namespace {

constexpr SteadyPoint now{std::chrono::seconds{100}};

LoopState idle_state() {
  LoopState state;
  state.next_look = now + std::chrono::seconds{1};
  return state;
}

LoopState busy_state(int batch, int queued) {
  LoopState state = idle_state();
  state.batch = batch;
  state.queued = queued;
  state.running = 1;
  state.latest_begin = now;
  if (queued > 0)
    state.oldest_queued = now;
  return state;
}

TEST(LoopPlan, AnIdleWorkerSleepsUntilTheNextLook) {
  const LoopPlan plan = plan_loop(idle_state(), now);
  EXPECT_FALSE(plan.record);
  EXPECT_EQ(plan.claim, 0);
  EXPECT_EQ(plan.wait_until, now + std::chrono::seconds{1});
}

TEST(LoopPlan, AWakeAFullClaimOrTheClockMakeItClaim) {
  LoopState woken = idle_state();
  woken.woken = true;
  EXPECT_EQ(plan_loop(woken, now).claim, 1);
  EXPECT_TRUE(plan_loop(woken, now).told);

  LoopState more = idle_state();
  more.more = true;
  EXPECT_EQ(plan_loop(more, now).claim, 1);
  EXPECT_TRUE(plan_loop(more, now).told);

  LoopState due = idle_state();
  due.next_look = now;
  EXPECT_EQ(plan_loop(due, now).claim, 1);
  EXPECT_FALSE(plan_loop(due, now).told) << "it looks before it claims";
}

TEST(LoopPlan, ItClaimsUpToTheBatchAndOnlyOnceHalfIsUsed) {
  LoopState state = busy_state(100, 0);
  state.woken = true;
  EXPECT_EQ(plan_loop(state, now).claim, 99);
  state = busy_state(100, 50);
  state.woken = true;
  EXPECT_EQ(plan_loop(state, now).claim, 49);
  state = busy_state(100, 51);
  state.woken = true;
  EXPECT_EQ(plan_loop(state, now).claim, 0);
}

TEST(LoopPlan, EveryLaneGetsAJobEvenWhenRunTimesAreUnknown) {
  LoopState state = idle_state();
  state.lanes = 8;
  state.woken = true;
  EXPECT_EQ(plan_loop(state, now).claim, 8);
  state.running = 3;
  EXPECT_EQ(plan_loop(state, now).claim, 5);
}

TEST(LoopPlan, NothingIsClaimedBehindALongRun) {
  LoopState state = busy_state(1000, 0);
  state.more = true;
  state.latest_begin = now - milliseconds{49};
  EXPECT_EQ(plan_loop(state, now).claim, 999);
  state.latest_begin = now - milliseconds{50};
  EXPECT_EQ(plan_loop(state, now).claim, 0);
  state.lanes = 2;
  EXPECT_EQ(plan_loop(state, now).claim, 999) << "a free lane can run it";
}

TEST(LoopPlan, RecordsByCountByAgeAndWhenNothingElseIsLeft) {
  LoopState state = busy_state(1, 0);
  state.finished = 99;
  state.oldest_finished = now - milliseconds{9};
  EXPECT_FALSE(plan_loop(state, now).record);
  EXPECT_EQ(plan_loop(state, now).wait_until, now + milliseconds{1});
  state.finished = 100;
  EXPECT_TRUE(plan_loop(state, now).record);
  state.finished = 1;
  state.oldest_finished = now - milliseconds{10};
  EXPECT_TRUE(plan_loop(state, now).record);
  state.oldest_finished = now;
  EXPECT_FALSE(plan_loop(state, now).record);
  state.running = 0;
  EXPECT_TRUE(plan_loop(state, now).record);
}

TEST(LoopPlan, HandsBackWhatWaitsTwoHundredMillisecondsBehindBusyLanes) {
  LoopState state = busy_state(10, 5);
  state.latest_begin = now - milliseconds{200};
  state.oldest_queued = now - milliseconds{199};
  EXPECT_FALSE(plan_loop(state, now).hand_back);
  EXPECT_GT(plan_loop(state, now).wait_until, now);
  state.oldest_queued = now - milliseconds{200};
  EXPECT_TRUE(plan_loop(state, now).hand_back);
  state.lanes = 2;
  EXPECT_FALSE(plan_loop(state, now).hand_back) << "a lane is free: it is about to begin";
}

TEST(LoopPlan, ADrainingWorkerPutsBackItsQueueAndClaimsNothing) {
  LoopState state = busy_state(10, 5);
  state.woken = true;
  state.more = true;
  state.draining = true;
  const LoopPlan plan = plan_loop(state, now);
  EXPECT_TRUE(plan.hand_back);
  EXPECT_EQ(plan.claim, 0);
}

TEST(LoopPlan, NeverWaitsForAnInstantThatHasPassed) {
  for (const int lanes : {1, 2, 4}) {
    for (const int queued : {0, 1, 10}) {
      for (const int running : {0, 1, 4}) {
        LoopState state = busy_state(4, queued);
        state.lanes = lanes;
        state.running = std::min(running, lanes);
        state.latest_begin = now - std::chrono::seconds{5};
        state.oldest_queued = now - std::chrono::seconds{5};
        const LoopPlan plan = plan_loop(state, now);
        const bool acts = plan.record || plan.claim > 0 || plan.hand_back;
        if (acts || !plan.wait_until)
          continue;
        EXPECT_GT(*plan.wait_until, now) << lanes << queued << running;
      }
    }
  }
}

TEST(LoopPlan, RestsOnceNothingHasBeenLeftForAWhile) {
  LoopState state = idle_state();
  EXPECT_FALSE(plan_loop(state, now).rest) << "it rests already";
  state.rests_at = now + milliseconds{1};
  EXPECT_FALSE(plan_loop(state, now).rest);
  EXPECT_EQ(plan_loop(state, now).wait_until, state.rests_at);
  state.rests_at = now;
  EXPECT_TRUE(plan_loop(state, now).rest);
  EXPECT_EQ(plan_loop(state, now).wait_until, state.next_look);
}

TEST(LoopPlan, DoesNotRestWhileAnythingIsLeft) {
  for (int LoopState::*left : {&LoopState::queued, &LoopState::running, &LoopState::finished}) {
    LoopState state = idle_state();
    state.oldest_queued = state.oldest_finished = now;
    state.lanes = 2;
    state.rests_at = now;
    state.*left = 1;
    EXPECT_FALSE(plan_loop(state, now).rest);
  }
}

/// Fifty short jobs held by locks since `age`, one of them running.
LoopState holding_state(milliseconds age) {
  LoopState state = busy_state(1000, 49);
  state.hold = 100;
  state.held_at = now - age;
  return state;
}

TEST(LoopPlan, ShortJobsAreHeldWhereTheyMayBe) {
  LoopState state = idle_state();
  state.woken = true;
  EXPECT_FALSE(plan_loop(state, now).hold);
  state.hold = 100;
  EXPECT_FALSE(plan_loop(state, now).hold) << "there may be one or two: not worth it";
  state.more = true;
  EXPECT_TRUE(plan_loop(state, now).hold);
  EXPECT_EQ(plan_loop(state, now).claim, 100) << "no more than are done in time";
  state.may_hold = false;
  EXPECT_FALSE(plan_loop(state, now).hold);
}

TEST(LoopPlan, FewShortJobsAreClaimedBeforeAHold) {
  LoopState state = idle_state();
  state.woken = true;
  state.batch = 1000;
  EXPECT_EQ(plan_loop(state, now).claim, 1000) << "no hold follows";
  state.hold = 1000;
  EXPECT_EQ(plan_loop(state, now).claim, 64);
  state.lanes = 100;
  EXPECT_EQ(plan_loop(state, now).claim, 100) << "no lane waits";
  state.more = true;
  EXPECT_EQ(plan_loop(state, now).claim, 1000) << "held";
  state.more = false;
  state.may_hold = false;
  EXPECT_EQ(plan_loop(state, now).claim, 1000);
}

TEST(LoopPlan, WhatWasLeftToHoldersIsLookedAtBeforeItIsHeldLater) {
  LoopState state = idle_state();
  state.hold = 100;
  state.left_to_holders = true;
  EXPECT_EQ(plan_loop(state, now).claim, 0);
  state.next_look = now;
  EXPECT_TRUE(plan_loop(state, now).hold);
  EXPECT_EQ(plan_loop(state, now).claim, 100);
  state.woken = true;
  EXPECT_FALSE(plan_loop(state, now).told) << "more jobs are no reason to be in the way";
}

TEST(LoopPlan, WhatMayBeShortIsLeftToWhoeverHoldsIt) {
  LoopState state = idle_state();
  EXPECT_TRUE(plan_loop(state, now).yields);
  state.may_be_short = false;
  EXPECT_FALSE(plan_loop(state, now).yields);
  state = idle_state();
  state.may_hold = false;
  EXPECT_FALSE(plan_loop(state, now).yields) << "its jobs are none that others hold";
}

TEST(LoopPlan, AHoldLastsTwentyMillisecondsAtMost) {
  const LoopPlan young = plan_loop(holding_state(milliseconds{19}), now);
  EXPECT_FALSE(young.end_hold);
  EXPECT_EQ(young.wait_until, now + milliseconds{1});
  const LoopPlan old = plan_loop(holding_state(milliseconds{20}), now);
  EXPECT_TRUE(old.end_hold);
  EXPECT_TRUE(old.record);
}

TEST(LoopPlan, AHoldEndsWhenAllIsDoneAndInAWorkerThatLeaves) {
  LoopState done = holding_state(milliseconds{1});
  done.queued = 0;
  done.running = 0;
  done.finished = 50;
  EXPECT_TRUE(plan_loop(done, now).end_hold);
  LoopState draining = holding_state(milliseconds{1});
  draining.draining = true;
  EXPECT_TRUE(plan_loop(draining, now).end_hold);
  LoopState in_the_way = holding_state(milliseconds{1});
  in_the_way.may_hold = false;
  EXPECT_TRUE(plan_loop(in_the_way, now).end_hold);
}

TEST(LoopPlan, AHoldIsNotCutShortForWhatIsFinishedOrDue) {
  LoopState state = holding_state(milliseconds{19});
  state.finished = 1000;
  state.oldest_finished = now - milliseconds{19};
  state.woken = true;
  state.more = true;
  const LoopPlan plan = plan_loop(state, now);
  EXPECT_FALSE(plan.record);
  EXPECT_EQ(plan.claim, 0);
}

TEST(BatchSize, HoldsByLocksWhatIsDoneInTenMilliseconds) {
  BatchSize batch;
  EXPECT_EQ(batch.hold(), 0) << "unknown";
  EXPECT_TRUE(batch.may_be_short()) << "unknown";
  batch.ran(std::chrono::microseconds{100});
  for (int step = 0; step < 5; ++step)
    batch.step();
  EXPECT_EQ(batch.value(), 500);
  EXPECT_EQ(batch.hold(), 100);
  BatchSize slower;
  slower.ran(std::chrono::microseconds{500});
  for (int step = 0; step < 5; ++step)
    slower.step();
  EXPECT_EQ(slower.hold(), 20);
  EXPECT_TRUE(slower.may_be_short());
  slower.ran(std::chrono::microseconds{530});
  EXPECT_EQ(slower.hold(), 0) << "so few are not worth it";
  EXPECT_FALSE(slower.may_be_short());
}

TEST(BatchSize, IsOneUntilSomethingRanAndGrowsFourfold) {
  BatchSize batch;
  batch.step();
  EXPECT_EQ(batch.value(), 1);
  batch.ran(std::chrono::microseconds{1});
  for (const int expected : {4, 16, 64, 256, 1000, 1000}) {
    batch.step();
    EXPECT_EQ(batch.value(), expected);
  }
}

TEST(BatchSize, TakesNoMoreThanFourMegabytesOfPayloads) {
  BatchSize batch;
  batch.ran(std::chrono::microseconds{1});
  const auto grown = [&](std::size_t payload_bytes) {
    for (int job = 0; job < 200; ++job)
      batch.took(payload_bytes);
    for (int step = 0; step < 5; ++step)
      batch.step();
    return std::pair{batch.value(), batch.hold()};
  };
  BatchSize first;
  first.ran(std::chrono::microseconds{1});
  first.took(500'000);
  first.step();
  first.step();
  EXPECT_EQ(first.value(), 8);
  EXPECT_EQ(grown(1500), (std::pair{1000, 1000}));
  EXPECT_EQ(grown(15'000), (std::pair{266, 100}));
  EXPECT_EQ(grown(100'000), (std::pair{40, 0})) << "so few are not worth holding";
  EXPECT_EQ(grown(40'000'000), (std::pair{1, 0}));
  EXPECT_EQ(grown(0), (std::pair{1000, 1000}));
}

TEST(BatchSize, HoldsWhatIsDoneInFiftyMilliseconds) {
  BatchSize batch;
  batch.ran(milliseconds{10});
  batch.step();
  batch.step();
  EXPECT_EQ(batch.value(), 5);
  for (int run = 0; run < 100; ++run)
    batch.ran(milliseconds{200});
  batch.step();
  EXPECT_EQ(batch.value(), 1);
}

}  // namespace
}  // namespace errand
