// A worker's loop whose calls of the database fail: every job comes to its end once, whatever
// answer was lost on the way.

#include "worker/poll_loop.hpp"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "base/system_clock.hpp"
#include "fail_nth/bench.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

class FailingLoop : public ::testing::TestWithParam<std::tuple<std::string, bool, bool>> {
 protected:
  /// What a handler makes of the job.
  static Transition decided(const ClaimedJob& job) {
    Transition transition = job.tag == "fails" && job.attempt == 1 ? failure(0ms) : success();
    if (job.tag == "snoozes" && job.claim_seq == 1)
      transition = back_to_waiting();
    transition.crash_count = job.crash_count;
    return transition;
  }

  /// Plays the heart until every row is finished.
  void serve(PollLoop& loop, Handover& handover) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!all_finished()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << bench_.digest();
      if (bench_.plan.hit)
        bench_.plan.heal();
      loop.reconcile(bench_.honest().jobs().beat(bench_.worker, 0).claims);
      handover.wake();
    }
  }

  /// Plays a lane until the handover is closed.
  void run_jobs(Handover& handover) {
    while (auto job = handover.next(clock_)) {
      Transition transition = decided(*job);
      FinishedRun run = FinishedRun::of(*std::move(job));
      run.transition = std::move(transition);
      run.at = clock_.steady_now();
      handover.done(std::move(run));
    }
  }

  [[nodiscard]] bool all_finished() { return count("finished IS NULL") == 0; }

  [[nodiscard]] std::int64_t count(const std::string& condition) {
    return bench_.honest().database().with_transaction([&](Transaction& tx) {
      return tx.query("SELECT count(*) FROM worker_jobs WHERE " + condition)
          .get<std::int64_t>(0, 0);
    });
  }

  /// Whether the Nth call was reached.
  bool run(int nth) {
    bench_.reset();
    bench_.submit({work_job("succeeds"), work_job("fails"), work_job("snoozes")});
    bench_.submit(std::vector<PreparedJob>(static_cast<std::size_t>(others()), work_job("other")));
    Handover handover{1};
    PollLoop loop{
        bench_.failing().jobs(), handover, clock_, Log{}, {bench_.worker, work_types, {}, 20ms}};
    bench_.plan.arm(nth, std::get<1>(GetParam()), std::get<2>(GetParam()));
    auto ended = std::async(std::launch::async, [&] { return loop.run(); });
    std::thread lane{[&] {
      run_jobs(handover);
    }};
    serve(loop, handover);
    bench_.plan.heal();
    handover.drain();
    EXPECT_EQ(ended.get(), LoopEnd::drained);
    handover.close();
    lane.join();
    EXPECT_EQ(count("success"), 3 + others());
    EXPECT_EQ(count("tag = 'fails'"), 2);
    EXPECT_EQ(count("tag = 'fails' AND NOT success AND attempt = 1"), 1);
    EXPECT_EQ(count("crash_count > 0"), 0);
    return bench_.plan.hit;
  }

  /// Where many can be held by locks, so many that they are.
  static int others() { return std::get<0>(GetParam()) == "postgresql" ? 100 : 0; }

  SystemClock clock_{};
  Bench bench_{std::get<0>(GetParam())};
};

TEST_P(FailingLoop, BringsEveryJobToItsEndOnce) {
  int nth = 1;
  while (run(nth)) {
    ASSERT_FALSE(HasFailure()) << "call " << nth;
    if (++nth > 40)
      break;  // from here on, the loop only looks whether anything is due
  }
  EXPECT_GT(nth, 10);
}

std::string name_of(const ::testing::TestParamInfo<FailingLoop::ParamType>& info) {
  const auto& [kind, takes_effect, lasts] = info.param;
  return kind + (takes_effect ? "_AnswerLost" : "_NotDone") + (lasts ? "AndAllLaterOnes" : "");
}

INSTANTIATE_TEST_SUITE_P(FailNth,
                         FailingLoop,
                         ::testing::Combine(::testing::Values("sqlite", "postgresql"),
                                            ::testing::Bool(),
                                            ::testing::Bool()),
                         name_of);

}  // namespace
}  // namespace errand::testing
