#include "unit/worker/poll_loop_turns.hpp"

namespace errand::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::FieldsAre;
using ::testing::IsEmpty;
using ::testing::ResultOf;
using ::testing::SizeIs;

class PollLoopOfOneLane : public PollLoopTurns {
 protected:
  PollLoopOfOneLane() : PollLoopTurns{1} {}
};

/// What one job made waits for the database.
class PollLoopInAnOutage : public PollLoopTurns {
 protected:
  PollLoopInAnOutage() {
    store_.put({work_of(1)});
    start();
    const ClaimedJob job = begin();
    store_.set_away(true);
    finish(job);
    EXPECT_THAT(ids_of(store_.asked(2)), ElementsAre(1));
  }

  /// In vain.
  Asked offered_beside(const std::vector<HeldClaim>& beat) {
    beat_twice(beat);
    return asked_in_time(3);
  }

  /// Once the database is back.
  Asked recorded_beside(const std::vector<HeldClaim>& beat) {
    at_next_turn([&] {
      beat_twice(beat);
      store_.set_away(false);
    });
    std::ignore = asked_in_time(store_.asked().size() + 1);
    EXPECT_EQ(end(), LoopEnd::drained);
    return store_.asked().back();
  }

 private:
  void beat_twice(const std::vector<HeldClaim>& beat) {
    loop_->reconcile(beat);
    loop_->reconcile(beat);
  }
};

TEST_F(PollLoopTurns, StaysUntilTheLastRunHasEnded) {
  store_.put({work_of(1)});
  start();
  const ClaimedJob running = begin();
  handover_.drain();
  two_turns();
  EXPECT_EQ(ended_.wait_for(0s), std::future_status::timeout);
  finish(running);
  EXPECT_EQ(end(), LoopEnd::drained);
  EXPECT_THAT(ids_of(store_.asked().back()), ElementsAre(1));
}

TEST_F(PollLoopTurns, TellsOfABacklogThatItFoundByItself) {
  std::atomic<int> told{0};
  on_backlog_ = [&] {
    ++told;
  };
  store_.put({work_of(1), work_of(2), work_of(3), work_of(4), work_of(5)});
  start();
  ASSERT_TRUE(eventually([&] { return told == 1; })) << "four lanes, four jobs";
  finish(begin());
  EXPECT_EQ(store_.asked(2).limit, 1);
  two_turns();
  EXPECT_EQ(told, 1) << "it goes on with the same";
}

TEST_F(PollLoopTurns, TellsOfNoBacklogThatItWasToldOfOrThatIsNone) {
  std::atomic<int> told{0};
  on_backlog_ = [&] {
    ++told;
  };
  store_.put({work_of(1)});
  start();
  finish(begin());
  ASSERT_TRUE(store_.is_asked(2, 10s));
  store_.put({work_of(2), work_of(3), work_of(4), work_of(5)});
  handover_.wake();
  for (int each = 0; each < 4; ++each)
    finish(begin());
  two_turns();
  EXPECT_EQ(told, 0);
}

TEST_F(PollLoopTurns, ClaimsNothingUntilThereIsRoomForWhatItsJobsWillSay) {
  std::atomic<bool> room{true};
  std::atomic<int> asked{0};
  has_room_ = [&] {
    ++asked;
    return room.load();
  };
  start();
  EXPECT_EQ(store_.asked(1).limit, 4);
  room = false;
  store_.put({work_of(1)});
  handover_.wake();
  ASSERT_TRUE(eventually([&] { return asked > 5; })) << "it asks again by itself";
  EXPECT_FALSE(store_.is_asked(2, 0ms));
  room = true;
  EXPECT_EQ(store_.asked(2).limit, 4);
  finish(begin());
  EXPECT_EQ(end(), LoopEnd::drained);
}

TEST_F(PollLoopTurns, RecordsWhatRanWhileThereIsNoRoom) {
  std::atomic<bool> room{true};
  has_room_ = [&] {
    return room.load();
  };
  store_.put({work_of(1)});
  start();
  const ClaimedJob job = begin();
  room = false;
  finish(job);
  EXPECT_THAT(ids_of(store_.asked(2)), ElementsAre(1));
  EXPECT_EQ(store_.asked(2).limit, 0);
  EXPECT_EQ(end(), LoopEnd::drained);
}

TEST_F(PollLoopTurns, LeavesNothingToOthersWhoMayTakeOnlySoManyOfAQueue) {
  start({{"mail", 1}, {"any", 0}});
  EXPECT_FALSE(store_.asked(1).yields);
}

TEST_F(PollLoopTurns, AsksForAsManyOfAQueueAsMayBeginBesideThoseThatRun) {
  store_.put({work_of(1, "mail"), work_of(2, "mail")});
  start({{"mail", 1}, {"any", 0}});
  EXPECT_THAT(store_.asked(1).queues, ElementsAre(FieldsAre("mail", 1), FieldsAre("any", 4)));
  const ClaimedJob running = begin();
  handover_.wake();
  EXPECT_THAT(store_.asked(2).queues, ElementsAre(FieldsAre("any", 3))) << "no lane for the limit";
  finish(running);
  EXPECT_THAT(ids_of(store_.asked(3)), ElementsAre(1));
  handover_.wake();
  EXPECT_THAT(store_.asked(4).queues, ElementsAre(FieldsAre("mail", 1), FieldsAre("any", 4)));
  finish(begin());
}

TEST_F(PollLoopTurns, AsksOnceForNothingWhileAllItsQueuesAreFull) {
  store_.put({work_of(1, "mail"), work_of(2, "mail")});
  start({{"mail", 1}});
  const ClaimedJob running = begin();
  handover_.wake();
  const Asked full = store_.asked(2);
  EXPECT_EQ(full.limit, 0);
  EXPECT_THAT(full.queues, IsEmpty());
  finish(running);
  EXPECT_THAT(ids_of(store_.asked(3)), ElementsAre(1)) << "it did not ask again and again";
  handover_.wake();
  EXPECT_EQ(store_.asked(4).limit, 4);
  finish(begin());
}

TEST_F(PollLoopTurns, TellsOfEveryRunThatEndedAndOfThoseOfUsersThatCounted) {
  std::vector<JobId> ended;
  std::vector<JobId> recorded;
  const auto add_to = [](std::vector<JobId>& ids, const std::vector<FinishedRun>& runs) {
    for (const FinishedRun& run : runs)
      ids.push_back(run.id);
  };
  std::vector<ClaimedJob> jobs{work_of(1), work_of(2), work_of(3)};
  jobs[0].user_id = jobs[1].user_id = 7;
  store_.put(jobs);
  store_.stale = {2};
  on_runs_ = [&](const std::vector<FinishedRun>& runs) {
    add_to(ended, runs);
  };
  on_recorded_ = [&](std::span<const FinishedRun* const> runs, TimePoint) {
    for (const FinishedRun* run : runs)
      recorded.push_back(run->id);
  };
  start();
  for (int each = 0; each < 3; ++each)
    finish(begin());
  EXPECT_EQ(end(), LoopEnd::drained);
  EXPECT_THAT(ended, ElementsAre(1, 2, 3));
  EXPECT_THAT(recorded, ElementsAre(1));
  EXPECT_EQ(loop_->refused(), 1);
}

TEST_F(PollLoopTurns, NobodyHasToListen) {
  ClaimedJob of_somebody = work_of(1);
  of_somebody.user_id = 7;
  store_.put({of_somebody});
  start();
  finish(begin());
  EXPECT_EQ(end(), LoopEnd::drained);
  EXPECT_THAT(ids_of(store_.asked(2)), ElementsAre(1));
}

TEST_F(PollLoopTurns, OffersWhatRanOnceMoreWhenItsRowIsDead) {
  store_.put({work_of(1)});
  start();
  const ClaimedJob running = begin();
  store_.put({work_of(2)});
  at_next_turn([&] {
    finish(running);
    loop_->supersede();
  });
  EXPECT_EQ(end(), LoopEnd::superseded);
  ASSERT_THAT(store_.asked(), SizeIs(2));
  const Asked offer = store_.asked(2);
  EXPECT_THAT(ids_of(offer), ElementsAre(1));
  EXPECT_EQ(offer.process, own_process);
  EXPECT_EQ(offer.limit, 0) << "the dead claim nothing";
}

TEST_F(PollLoopTurns, LeavesAtOnceWhenItsRowIsDeadAndNothingRan) {
  start();
  std::ignore = store_.asked(1);
  loop_->supersede();
  EXPECT_EQ(end(), LoopEnd::superseded);
  EXPECT_THAT(store_.asked(), SizeIs(1));
}

TEST_F(PollLoopTurns, LeavesTheWaitForTheDatabaseWhenItsRowIsDead) {
  store_.put({work_of(1)});
  start();
  const ClaimedJob running = begin();
  store_.set_away(true);
  finish(running);
  EXPECT_THAT(ids_of(store_.asked(2)), ElementsAre(1));
  loop_->supersede();
  EXPECT_EQ(end(), LoopEnd::superseded) << "although its clock stands still";
  ASSERT_THAT(store_.asked(), SizeIs(3));
  EXPECT_THAT(ids_of(store_.asked(3)), ElementsAre(1)) << "offered once more, in vain";
}

TEST_F(PollLoopOfOneLane, RecordsWhatWaitedForTheDatabaseThoughALongJobRuns) {
  store_.put({work_of(1)});
  start();
  finish(begin());  // a short job: more than one is claimed from here on
  ASSERT_THAT(ids_of(store_.asked(2)), ElementsAre(1));
  store_.put({work_of(2), work_of(3)});
  handover_.wake();
  const ClaimedJob second = begin();
  store_.set_away(true);
  finish(second);
  const ClaimedJob long_one = begin();
  ASSERT_THAT(ids_of(asked_in_time(4)), ElementsAre(2));
  const std::vector<HeldClaim> beat{{.id = 2, .claim_seq = 1}, {.id = 3, .claim_seq = 1}};
  loop_->reconcile(beat);
  loop_->reconcile(beat);
  store_.set_away(false);
  const Asked back = asked_in_time(5);
  ASSERT_THAT(ids_of(back), ElementsAre(2));
  EXPECT_EQ(back.completions[0].transition.to, Transition::To::finished) << "it has run";
  finish(long_one);
}

TEST_F(PollLoopOfOneLane, HandsBackWhatWaitsBehindALongJob) {
  store_.put({work_of(1)});
  start();
  finish(begin());  // a short job: more than one is claimed from here on
  ASSERT_THAT(ids_of(store_.asked(2)), ElementsAre(1));
  store_.put({work_of(2), work_of(3), work_of(4)});
  handover_.wake();
  const ClaimedJob long_one = begin();
  ASSERT_THAT(store_.asked(), SizeIs(3));
  clock_.advance(199ms);
  two_turns();
  EXPECT_THAT(store_.asked(), SizeIs(3));
  clock_.advance(1ms);
  two_turns();
  const Asked back = store_.asked(4);
  ASSERT_THAT(ids_of(back), ElementsAre(3, 4));
  EXPECT_EQ(back.completions[0].transition.to, Transition::To::scheduled);
  EXPECT_EQ(back.limit, 0) << "there is no lane for others";
  finish(long_one);
  EXPECT_THAT(ids_of(store_.asked(5)), ElementsAre(2));
}

TEST_F(PollLoopTurns, WritesTheClaimsOfHeldJobsThatRunOnThoughNothingIsToBeRecorded) {
  store_.hold_what_is_claimed();
  store_.put({work_of(1)});
  start();
  const ClaimedJob running = begin();
  clock_.advance(20ms);
  const Asked end_of_hold = store_.asked(2);
  EXPECT_THAT(end_of_hold.completions, IsEmpty());
  EXPECT_EQ(end_of_hold.limit, 0);
  ASSERT_THAT(end_of_hold.running_on, SizeIs(1));
  EXPECT_EQ(end_of_hold.running_on[0].id, 1);
  finish(running);
  EXPECT_EQ(end(), LoopEnd::drained);
  EXPECT_FALSE(store_.asked().back().completions.at(0).held_since) << "its claim is written";
}

TEST_F(PollLoopTurns, WhateverItExchangesEndsAHold) {
  store_.hold_what_is_claimed();
  store_.put({work_of(1), work_of(2), work_of(3)});
  start();
  const ClaimedJob first = begin();
  const ClaimedJob second = begin();
  const std::vector<HeldClaim> lost{{.id = 9, .claim_seq = 4}};
  loop_->reconcile(lost);
  loop_->reconcile(lost);
  finish(first);
  const Asked release = store_.asked(2);
  EXPECT_THAT(ids_of(release), ElementsAre(1, 9));
  ASSERT_THAT(release.running_on, SizeIs(1));
  EXPECT_EQ(release.running_on[0].id, 2);
  EXPECT_EQ(handover_.state().queued, 0) << "the third one is let go";
  finish(second);
}

TEST_F(PollLoopTurns, BelievesAClaimToBeLostOnlyAfterTwoBeats) {
  const std::vector<HeldClaim> lost{{.id = 9, .claim_seq = 4}};
  start();
  loop_->reconcile(lost);
  two_turns();
  EXPECT_THAT(store_.asked(), Each(Field(&Asked::completions, IsEmpty())));
  loop_->reconcile(lost);
  two_turns();
  EXPECT_THAT(store_.asked(), Contains(ResultOf(ids_of, ElementsAre(9))));
}

TEST_F(PollLoopTurns, DoesNotReleaseWhatItRuns) {
  store_.put({work_of(1)});
  start();
  const ClaimedJob running = begin();
  for (int beats = 0; beats < 3; ++beats)
    loop_->reconcile({{.id = 1, .claim_seq = 1}});
  two_turns();
  EXPECT_THAT(store_.asked(), Each(Field(&Asked::completions, IsEmpty())));
  finish(running);
  EXPECT_EQ(end(), LoopEnd::drained);
  EXPECT_THAT(ids_of(store_.asked().back()), ElementsAre(1));
}

TEST_F(PollLoopInAnOutage, WhatWaitsForTheDatabaseIsNoLostClaim) {
  const std::vector<HeldClaim> beat{{.id = 1, .claim_seq = 1}, {.id = 9, .claim_seq = 4}};
  EXPECT_THAT(ids_of(offered_beside(beat)), ElementsAre(1, 9));
  EXPECT_THAT(ids_of(recorded_beside(beat)), ElementsAre(1, 9)) << "each once";
}

TEST_F(PollLoopInAnOutage, AnotherClaimOfAJobThatWaitsIsLost) {
  EXPECT_THAT(ids_of(offered_beside({{.id = 9, .claim_seq = 4}})), ElementsAre(1, 9));
  const Asked all = recorded_beside({{.id = 1, .claim_seq = 2}, {.id = 9, .claim_seq = 5}});
  ASSERT_THAT(ids_of(all), ElementsAre(1, 9, 1, 9));
  EXPECT_EQ(all.completions[2].claim_seq, 2);
  EXPECT_EQ(all.completions[3].claim_seq, 5);
}

TEST_F(PollLoopTurns, ReleasesWhatRunsForAProcessThatMustLeave) {
  ClaimedJob held = work_of(1);
  held.crash_count = 2;
  held.held = true;
  held.started = TimePoint{7s};
  PollLoop loop{store_, handover_, clock_, Log{}, {own_process, {"work"}, {}, 1h}};
  loop.release({held, work_of(2)});
  const Asked release = store_.asked(1);
  EXPECT_THAT(ids_of(release), ElementsAre(1, 2));
  EXPECT_EQ(release.process, own_process);
  EXPECT_EQ(release.limit, 0);
  const Completion& first = release.completions[0];
  EXPECT_EQ(first.transition.to, Transition::To::scheduled);
  EXPECT_EQ(first.transition.crash_count, 2) << "nobody is blamed";
  EXPECT_EQ(first.holder, own_process);
  EXPECT_EQ(first.held_since, held.started);
  EXPECT_FALSE(release.completions[1].held_since);
  loop.release({});
  EXPECT_THAT(store_.asked(), SizeIs(1));
}

}  // namespace
}  // namespace errand::testing
