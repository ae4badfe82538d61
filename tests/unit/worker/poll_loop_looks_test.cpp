// When the loop looks, though nobody has told it of a job.
#include "unit/worker/poll_loop_turns.hpp"

namespace errand::testing {
namespace {

TEST_F(PollLoopTurns, LooksAtTheInstantWhenTheNextJobIsDue) {
  store_.set_next_due(TimePoint{30ms});
  start();
  ASSERT_TRUE(eventually([&] { return turns_ > 1; })) << "the first look is over";
  clock_.advance(29ms);
  two_turns_untold();
  EXPECT_FALSE(store_.is_asked(2, 0ms));
  clock_.advance(1ms);
  EXPECT_EQ(store_.asked(2).limit, 4);
}

TEST_F(PollLoopTurns, LooksOnceMoreForWhatWasNotYetCommittedWhenItLeftJobsToOthers) {
  store_.leave_all_to_others(true);
  start();
  ASSERT_EQ(store_.asked(1).limit, 4);
  store_.leave_all_to_others(false);
  handover_.wake();
  ASSERT_EQ(store_.asked(2).limit, 4);
  for (auto passed = 0ms; passed < 500ms && !store_.is_asked(3, 100ms); passed += 50ms)
    clock_.advance(50ms);
  EXPECT_TRUE(store_.is_asked(3, 0ms)) << "long before a second is over";
}

TEST_F(PollLoopTurns, LooksLessOftenTheMoreOftenItLeftJobsToOthers) {
  store_.leave_all_to_others(true);
  start();
  EXPECT_TRUE(store_.asked(1).yields) << "what it does not know may be short";
  auto passed = 0ms;
  for (; passed < 10s && !store_.is_asked(5, 10ms); passed += 10ms)
    clock_.advance(10ms);
  EXPECT_TRUE(store_.is_asked(5, 0ms));
  EXPECT_GE(passed, 50ms + 100ms + 200ms + 200ms);
}

TEST_F(PollLoopTurns, LooksLessOftenWhereALookTakesLong) {
  store_.meanwhile = [this] {
    clock_.advance(10ms);
  };
  start({}, 20ms);
  ASSERT_TRUE(eventually([&] { return turns_ > 1; })) << "the first look is over";
  clock_.advance(199ms);
  EXPECT_FALSE(store_.is_asked(2, 300ms)) << "twenty times as long as it took";
  clock_.advance(200ms);
  EXPECT_TRUE(store_.is_asked(2, 10s));
}

TEST_F(PollLoopTurns, AsksNothingWhileItsNodeLooks) {
  start({}, 1s);
  ASSERT_TRUE(eventually([&] { return turns_ > 1; })) << "the first look is over";
  for (int second = 0; second < 5; ++second) {
    clock_.advance(900ms);
    const int before = turns_;
    loop_->node_looked(false);
    ASSERT_TRUE(eventually([&] { return turns_ > before; }));
  }
  EXPECT_FALSE(store_.is_asked(2, 0ms));
  EXPECT_EQ(asked_in_time(2).limit, 4) << "the node has fallen silent";
}

TEST_F(PollLoopTurns, LooksWhenItsNodeSaysThatSomethingIsDue) {
  std::atomic<int> told{0};
  on_backlog_ = [&] {
    ++told;
  };
  start();
  ASSERT_TRUE(eventually([&] { return turns_ > 1; }));
  store_.put({work_of(1), work_of(2), work_of(3), work_of(4)});
  loop_->node_looked(true);
  for (int each = 0; each < 4; ++each)
    finish(begin());
  EXPECT_TRUE(eventually([&] { return told == 1; })) << "others may not know";
}

}  // namespace
}  // namespace errand::testing
