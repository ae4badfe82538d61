#include "worker/handover.hpp"

#include <thread>

#include "base/system_clock.hpp"

namespace errand {
namespace {

ClaimedJob job(JobId id, std::string queue = "default") {
  ClaimedJob claimed;
  claimed.id = id;
  claimed.claim_seq = 1;
  claimed.queue = std::move(queue);
  return claimed;
}

FinishedRun finished(const ClaimedJob& claimed) {
  return FinishedRun::of(claimed);
}

class HandoverTest : public testing::Test {
 protected:
  SystemClock clock_;
  Handover handover_{2};
};

TEST_F(HandoverTest, GivesJobsInOrderAndCountsThemAsRunningUntilDone) {
  handover_.give({job(1), job(2)}, clock_.steady_now());
  EXPECT_EQ(handover_.state().queued, 2);
  const auto first = handover_.next(clock_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, 1);
  EXPECT_EQ(handover_.state().queued, 1);
  EXPECT_EQ(handover_.state().running, 1);
  handover_.done(finished(*first));
  EXPECT_EQ(handover_.state().running, 0);
  EXPECT_EQ(handover_.state().finished, 1);
  EXPECT_EQ(handover_.take_finished().size(), 1U);
  EXPECT_EQ(handover_.state().finished, 0);
}

TEST_F(HandoverTest, KnowsWhatItHoldsInEveryPlace) {
  handover_.give({job(1), job(2)}, clock_.steady_now());
  const auto running = handover_.next(clock_);
  EXPECT_TRUE(handover_.holds(1, 1));
  EXPECT_TRUE(handover_.holds(2, 1));
  EXPECT_FALSE(handover_.holds(1, 2));
  handover_.done(finished(*running));
  EXPECT_TRUE(handover_.holds(1, 1)) << "finished, not recorded";
  static_cast<void>(handover_.take_finished());
  EXPECT_FALSE(handover_.holds(1, 1));
}

TEST_F(HandoverTest, AtTheEndOfAHoldWhatWasNotBegunIsLetGoAndWhatRunsIsNamed) {
  std::vector<ClaimedJob> jobs{job(1), job(2), job(3)};
  for (ClaimedJob& each : jobs)
    each.held = true;
  jobs[0].started = TimePoint{milliseconds{7}};
  handover_.give(std::move(jobs), clock_.steady_now());
  const auto running = handover_.next(clock_);
  const auto ended = handover_.next(clock_);
  handover_.done(finished(*ended));
  const std::vector<HeldJob> named = handover_.let_go();
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].id, 1);
  EXPECT_EQ(named[0].claim_seq, 1);
  EXPECT_EQ(named[0].since, TimePoint{milliseconds{7}});
  EXPECT_EQ(handover_.state().queued, 0);
  EXPECT_FALSE(handover_.holds(3, 1));
  EXPECT_TRUE(handover_.take_finished().at(0).held);
  EXPECT_TRUE(handover_.is_held(1, 1)) << "until its claim is written";
}

TEST_F(HandoverTest, OnceItsClaimIsWrittenAJobIsNotHeldAnyMoreWhetherItRunsOrHasEnded) {
  std::vector<ClaimedJob> jobs{job(1), job(2)};
  for (ClaimedJob& each : jobs)
    each.held = true;
  handover_.give(std::move(jobs), clock_.steady_now());
  const auto first = handover_.next(clock_);
  const auto second = handover_.next(clock_);
  const std::vector<HeldJob> named = handover_.let_go();
  ASSERT_EQ(named.size(), 2U);
  handover_.done(finished(*second));
  handover_.claim_is_written(named);
  EXPECT_FALSE(handover_.is_held(1, 1));
  EXPECT_TRUE(handover_.let_go().empty());
  handover_.done(finished(*first));
  for (const FinishedRun& run : handover_.take_finished())
    EXPECT_FALSE(run.held) << run.id;
}

TEST_F(HandoverTest, WhatIsHeldNeedsNoPuttingBack) {
  std::vector<ClaimedJob> jobs{job(1), job(2)};
  jobs[1].held = true;
  handover_.give(std::move(jobs), clock_.steady_now());
  const auto back = handover_.take_back();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].id, 1);
  EXPECT_EQ(handover_.state().queued, 0);
}

TEST_F(HandoverTest, WhatWasClaimedByAWriteIsNotLetGo) {
  handover_.give({job(1), job(2)}, clock_.steady_now());
  static_cast<void>(handover_.next(clock_));
  EXPECT_TRUE(handover_.let_go().empty());
  EXPECT_EQ(handover_.state().queued, 1);
}

TEST_F(HandoverTest, AHandlerThatCompletesInItsOwnTransactionEndsHoldingForGood) {
  EXPECT_TRUE(handover_.state().may_hold);
  handover_.never_hold();
  handover_.wait(clock_.steady_now() + std::chrono::hours{1}, clock_);  // it is told at once
  EXPECT_FALSE(handover_.state().may_hold);
}

TEST_F(HandoverTest, CountsJobsByQueue) {
  handover_.give({job(1, "mail"), job(2, "mail"), job(3, "reports")}, clock_.steady_now());
  static_cast<void>(handover_.next(clock_));
  EXPECT_EQ(handover_.held_by_queue(), (std::map<std::string, int>{{"mail", 2}, {"reports", 1}}));
}

TEST_F(HandoverTest, TakesBackOnlyWhatWasNotBegun) {
  handover_.give({job(1), job(2), job(3)}, clock_.steady_now());
  static_cast<void>(handover_.next(clock_));
  const auto back = handover_.take_back();
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back.front().id, 2);
  EXPECT_EQ(handover_.state().running, 1);
}

TEST_F(HandoverTest, AWakeThatComesBeforeTheWaitIsNotLost) {
  handover_.wake();
  handover_.wait(std::nullopt, clock_);
  EXPECT_TRUE(handover_.state().woken);
  handover_.clear_woken();
  EXPECT_FALSE(handover_.state().woken);
}

TEST_F(HandoverTest, BeginsNothingWhileTheLeaseIsInDoubt) {
  bool safe = false;
  handover_.may_begin = [&] {
    return safe;
  };
  handover_.give({job(1)}, clock_.steady_now());
  handover_.close();
  EXPECT_FALSE(handover_.next(clock_));
  safe = true;
  EXPECT_TRUE(handover_.next(clock_));
}

TEST_F(HandoverTest, AClosedHandoverLetsItsLanesLeaveAfterTheQueue) {
  handover_.give({job(1)}, clock_.steady_now());
  handover_.close();
  EXPECT_TRUE(handover_.next(clock_));
  EXPECT_FALSE(handover_.next(clock_));
}

TEST_F(HandoverTest, RunsThatFinishFindRoomWhereTheLastOnesWereUntilItIsDropped) {
  const auto run_one = [this] {
    handover_.give({job(1)}, clock_.steady_now());
    handover_.done(finished(handover_.next(clock_).value()));
    return handover_.take_finished();
  };
  std::vector<FinishedRun> runs = run_one();
  runs.reserve(100);
  handover_.reuse(std::move(runs));
  EXPECT_EQ(handover_.state().finished, 0) << "they are done with";
  runs = run_one();
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_GE(runs.capacity(), 100U);
  handover_.reuse(std::move(runs));
  handover_.drop_room();
  EXPECT_LT(run_one().capacity(), 100U);
}

TEST_F(HandoverTest, NoRoomIsMadeWhereRunsHaveFinishedMeanwhile) {
  handover_.give({job(1)}, clock_.steady_now());
  handover_.done(finished(handover_.next(clock_).value()));
  std::vector<FinishedRun> room;
  room.reserve(100);
  handover_.reuse(std::move(room));
  EXPECT_EQ(handover_.take_finished().size(), 1U);
}

TEST_F(HandoverTest, EveryJobGivenComesBackOnceThroughManyLanes) {
  constexpr int lanes = 4;
  constexpr JobId jobs = 20'000;
  std::vector<std::thread> threads;
  for (int lane = 0; lane < lanes; ++lane) {
    threads.emplace_back([this] {
      while (const auto next = handover_.next(clock_))
        handover_.done(finished(*next));
    });
  }
  std::vector<bool> seen(jobs + 1, false);
  std::size_t count = 0;
  JobId given = 0;
  const SteadyPoint deadline = clock_.steady_now() + std::chrono::seconds{30};
  while (count < jobs && clock_.steady_now() < deadline) {
    std::vector<ClaimedJob> batch;
    while (given < jobs && batch.size() < 100)
      batch.push_back(job(++given));
    handover_.give(std::move(batch), clock_.steady_now());
    handover_.wait(clock_.steady_now() + milliseconds{1}, clock_);
    for (const FinishedRun& run : handover_.take_finished()) {
      EXPECT_FALSE(seen.at(static_cast<std::size_t>(run.id)));
      seen.at(static_cast<std::size_t>(run.id)) = true;
      ++count;
    }
  }
  handover_.close();
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(count, static_cast<std::size_t>(jobs));
}

}  // namespace
}  // namespace errand
