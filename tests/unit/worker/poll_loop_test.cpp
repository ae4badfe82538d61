// The loop on a real store: the test plays the lanes.
#include "worker/poll_loop.hpp"

#include <atomic>
#include <future>
#include <thread>

#include "base/system_clock.hpp"
#include "helpers/failing_job_store.hpp"
#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;

PreparedJob work(std::string tag = "t") {
  PreparedJob job;
  job.tag = std::move(tag);
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  return job;
}

class PollLoopTest : public testing::Test {
 protected:
  PollLoopTest() {
    store_->migrate();
    process_ = store_->jobs().begin_process({"node", "host", 1, 1, "test", {"work"}});
  }

  ~PollLoopTest() override { stop(); }

  void start(std::vector<QueueLimit> queues = {}, milliseconds poll_interval = 20ms) {
    loop_ = std::make_unique<PollLoop>(
        failing_,
        handover_,
        clock_,
        Log{},
        PollLoopOptions{process_, {"work"}, std::move(queues), poll_interval});
    loop_->may_claim = may_claim_;
    loop_->on_rest = on_rest_;
    loop_->on_recorded = [this](std::span<const FinishedRun* const> runs, TimePoint) {
      told_ += runs.size();
    };
    ended_ = std::async(std::launch::async, [this] { return loop_->run(); });
  }

  void stop() {
    if (!ended_.valid())
      return;
    handover_.drain();
    EXPECT_EQ(ended_.wait_for(patience), std::future_status::ready);
    ended_.get();
  }

  /// What a lane does with a job whose handler succeeds at once.
  void finish(ClaimedJob job, std::chrono::nanoseconds run_time = 1us) {
    const int crash_count = job.crash_count;
    FinishedRun run = FinishedRun::of(std::move(job));
    run.transition.state = JobState::succeeded;
    run.transition.crash_count = crash_count;
    run.run_time = run_time;
    run.at = clock_.steady_now();
    handover_.done(std::move(run));
  }

  JobId submit(PreparedJob job = work()) {
    const JobId id = store_->jobs().submit(std::vector{std::move(job)}).at(0).id;
    handover_.wake();
    return id;
  }

  [[nodiscard]] bool eventually(const std::function<bool()>& question) const {
    const SteadyPoint deadline = clock_.steady_now() + patience;
    while (!question()) {
      if (clock_.steady_now() > deadline)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

  [[nodiscard]] JobState state_of(JobId id) { return store_->reader().find(id).value().state; }

  TemporaryDatabase database_{};
  SystemClock clock_{};
  std::unique_ptr<Store> store_{open_store({.database_url = database_.url()})};
  FailingJobStore failing_{store_->jobs()};
  Handover handover_{1};
  ProcessId process_{0};
  std::function<bool()> may_claim_{};
  std::function<void()> on_rest_{};
  std::unique_ptr<PollLoop> loop_{};
  std::future<LoopEnd> ended_{};
  std::atomic<std::size_t> told_{0};
};

TEST_F(PollLoopTest, ClaimsRecordsAndTellsOnlyOfJobsOfAUser) {
  start();
  PreparedJob of_somebody = work();
  of_somebody.user_id = 7;
  const JobId first = submit();
  finish(handover_.next(clock_).value());
  const JobId second = submit(of_somebody);
  finish(handover_.next(clock_).value());
  EXPECT_TRUE(eventually([&] { return state_of(second) == JobState::succeeded; }));
  EXPECT_EQ(state_of(first), JobState::succeeded);
  EXPECT_TRUE(eventually([&] { return told_ == 1; }));
}

TEST_F(PollLoopTest, RestsOnceAWhileAfterItHadSomethingToDo) {
  std::atomic<int> rests{0};
  std::atomic<int> turns{0};
  on_rest_ = [&] {
    ++rests;
  };
  may_claim_ = [&] {
    ++turns;
    return true;
  };
  start();
  submit();
  finish(handover_.next(clock_).value());
  const SteadyPoint finished = clock_.steady_now();
  ASSERT_TRUE(eventually([&] { return rests > 0; }));
  EXPECT_GE(clock_.steady_now() - finished, 1s);
  const int before = turns;
  EXPECT_TRUE(eventually([&] { return turns >= before + 3; }));
  EXPECT_EQ(rests, 1);
  stop();
}

TEST_F(PollLoopTest, NotesWhenItGotAJobByItsSteadyClock) {
  const SteadyPoint before = clock_.steady_now();
  start();
  submit();
  ClaimedJob job = handover_.next(clock_).value();
  EXPECT_GE(job.taken, before);
  EXPECT_LE(job.taken, clock_.steady_now());
  finish(std::move(job));
}

TEST_F(PollLoopTest, DrainsByPuttingBackWhatWasNotBegun) {
  for (int each = 0; each < 20; ++each)
    submit();
  start();
  for (int each = 0; each < 5; ++each)
    finish(handover_.next(clock_).value());
  const ClaimedJob running = handover_.next(clock_).value();
  handover_.drain();
  EXPECT_TRUE(eventually([&] { return handover_.state().queued == 0; }));
  EXPECT_EQ(ended_.wait_for(0s), std::future_status::timeout) << "one job still runs";
  finish(running);
  ASSERT_EQ(ended_.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(ended_.get(), LoopEnd::drained);
  const Json counts = store_->reader().counts();
  EXPECT_EQ(counts.at("succeeded").at("count"), 6);
  EXPECT_EQ(counts.at("scheduled").at("count"), 14);
}

TEST_F(PollLoopTest, EndsWhenItsRowIsDead) {
  start();
  submit();
  finish(handover_.next(clock_).value());
  store_->jobs().end_process(process_, "declared dead by a test");
  submit();
  ASSERT_EQ(ended_.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(ended_.get(), LoopEnd::superseded);
}

TEST_F(PollLoopTest, AStaleResultIsDroppedAndNotTold) {
  PreparedJob of_somebody = work();
  of_somebody.user_id = 7;
  const JobId id = submit(of_somebody);
  start();
  ClaimedJob held = handover_.next(clock_).value();
  // Somebody put the job back meanwhile, as after a lost lease.
  Transition put_back;
  put_back.to = Transition::To::scheduled;
  put_back.delay = 1h;
  const Completion release{held.id, held.claim_seq, put_back};
  static_cast<void>(store_->jobs().exchange(std::vector{release}, {}));
  finish(std::move(held));
  stop();
  EXPECT_EQ(state_of(id), JobState::scheduled);
  EXPECT_EQ(told_, 0U);
}

TEST_F(PollLoopTest, ReleasesClaimsThatItDoesNotHold) {
  const JobId id = submit();
  const std::vector<std::string> types{"work"};
  const auto lost = store_->jobs().exchange({}, {process_, 1, types, {}});
  ASSERT_EQ(lost.claimed.size(), 1U);
  start();
  loop_->reconcile(store_->jobs().beat(process_, 0).claims);
  loop_->reconcile(store_->jobs().beat(process_, 0).claims);
  handover_.wake();
  const ClaimedJob again = handover_.next(clock_).value();
  EXPECT_EQ(again.id, id);
  EXPECT_EQ(again.claim_seq, 2);
  EXPECT_EQ(again.attempt, 1);
  finish(again);
}

TEST_F(PollLoopTest, DoesNotBeginAJobAgainThatItRunsAlreadyUnderTheSameClaim) {
  handover_.never_hold();  // it is about claims that are written
  start();
  submit();
  finish(handover_.next(clock_).value());  // a short job: more than one is claimed from here on
  const JobId first = submit();
  const ClaimedJob running = handover_.next(clock_).value();
  store_->database().with_transaction([](Transaction& tx) {
    tx.execute(
        "UPDATE worker_jobs SET started = NULL, claimed_by = NULL, claim_seq = 0 WHERE finished IS "
        "NULL");
  });
  const JobId second = submit();
  const ClaimedJob next = handover_.next(clock_).value();
  EXPECT_EQ(next.id, second);
  EXPECT_EQ(state_of(first), JobState::started);
  finish(running);
  finish(next);
  EXPECT_TRUE(eventually([&] { return state_of(first) == JobState::succeeded; }));
  EXPECT_TRUE(eventually([&] { return state_of(second) == JobState::succeeded; }));
}

TEST_F(PollLoopTest, ClaimsNothingWhileItsLeaseIsInDoubt) {
  std::atomic<int> asked{0};
  std::atomic<bool> safe{false};
  may_claim_ = [&] {
    ++asked;
    return safe.load();
  };
  const JobId id = submit();
  start();
  EXPECT_TRUE(eventually([&] { return asked > 5; }));
  EXPECT_EQ(state_of(id), JobState::scheduled);
  safe = true;
  finish(handover_.next(clock_).value());
  EXPECT_TRUE(eventually([&] { return state_of(id) == JobState::succeeded; }));
  stop();  // before what it asks is gone
}

TEST_F(PollLoopTest, KeepsResultsWhileTheDatabaseIsAway) {
  const JobId id = submit();
  start();
  ClaimedJob job = handover_.next(clock_).value();
  failing_.fail(true);
  finish(std::move(job));
  EXPECT_TRUE(eventually([&] { return failing_.failures() >= 2; }));
  EXPECT_EQ(state_of(id), JobState::started);
  failing_.fail(false);
  EXPECT_TRUE(eventually([&] { return state_of(id) == JobState::succeeded; }));
}

TEST_F(PollLoopTest, WhereNothingCanBeHeldClaimsAreWrittenInstead) {
  failing_.fail_holds();
  store_->jobs().submit(std::vector<PreparedJob>(300, work()));
  start();
  std::thread lane{[this] {
    while (auto job = handover_.next(clock_))
      finish(std::move(*job));
  }};
  EXPECT_TRUE(
      eventually([&] { return store_->reader().counts().at("succeeded").at("count") == 300; }));
  stop();
  handover_.close();
  lane.join();
  EXPECT_EQ(failing_.failures(), 1) << "it is not tried again at once";
}

TEST_F(PollLoopTest, EveryFailingCallIsSurvived) {
  start();
  for (int nth = 1; nth <= 12; ++nth) {
    failing_.fail_nth(nth);
    const JobId id = submit();
    finish(handover_.next(clock_).value());
    EXPECT_TRUE(eventually([&] { return state_of(id) == JobState::succeeded; })) << nth;
  }
}

TEST_F(PollLoopTest, ServesItsQueuesWithinTheirLimits) {
  PreparedJob mail = work();
  mail.queue = "mail";
  PreparedJob other = work();
  other.queue = "other";
  const JobId not_served = submit(other);
  for (int each = 0; each < 5; ++each)
    submit(mail);
  start({{"mail", 2}});
  finish(handover_.next(clock_).value());
  for (int each = 0; each < 4; ++each) {
    EXPECT_TRUE(eventually([&] { return handover_.state().queued > 0; }));
    EXPECT_LE(handover_.state().queued, 2);
    finish(handover_.next(clock_).value());
  }
  stop();
  EXPECT_EQ(state_of(not_served), JobState::scheduled);
}

TEST_F(PollLoopTest, WakesForAJobThatIsDueLaterWithoutBeingTold) {
  PreparedJob later = work();
  later.due = Due{30ms};
  const JobId id = store_->jobs().submit(std::vector{later}).at(0).id;
  start({}, 1h);
  finish(handover_.next(clock_).value());
  EXPECT_TRUE(eventually([&] { return state_of(id) == JobState::succeeded; }));
  const Job job = store_->reader().find(id).value();
  EXPECT_GE(*job.started, job.due);
}

}  // namespace
}  // namespace errand
