#include "manager/supervisor.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <random>
#include <set>
#include <thread>

#include <boost/asio/steady_timer.hpp>

#include "supervised.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using SupervisorTest = Supervised;

TEST_F(SupervisorTest, KeepsAsManyWorkersAsItIsTold) {
  SupervisorOptions options;
  options.worker_count = 3;
  start({"serve"}, options);
  ASSERT_TRUE(until_ready(3));
  const auto status = supervisor_->status();
  ASSERT_EQ(status.size(), 3U);
  for (int slot = 1; slot <= 3; ++slot) {
    const SlotStatus& one = status[static_cast<std::size_t>(slot) - 1];
    EXPECT_EQ(one.slot, slot);
    EXPECT_EQ(one.state, "ready");
    EXPECT_EQ(one.process, one.pid);
    EXPECT_EQ(one.restarts, 0);
  }
  EXPECT_TRUE(until_stopped(5s));
  EXPECT_EQ(deaths_.size(), 3U);
  for (const ChildDeath& death : deaths_) {
    EXPECT_TRUE(death.expected) << death.sentence;
    EXPECT_EQ(death.signal, 0);
    EXPECT_EQ(death.exit_code, 0);
  }
  EXPECT_EQ(supervisor_->status()[0].state, "empty");
}

TEST_F(SupervisorTest, HasASuccessorReadyWithinASecondOfKillMinusNine) {
  start({"serve"});
  ASSERT_TRUE(until_ready(1));
  for (std::size_t life = 1; life <= 4; ++life) {
    const auto killed = std::chrono::steady_clock::now();
    ASSERT_EQ(::kill(readies_.back().pid, SIGKILL), 0);
    ASSERT_TRUE(until_ready(life + 1));
    EXPECT_LT(std::chrono::steady_clock::now() - killed, 1s);
  }
  ASSERT_EQ(deaths_.size(), 4U);
  EXPECT_EQ(deaths_[0].signal, SIGKILL);
  EXPECT_EQ(deaths_[0].process, readies_[0].process);
  EXPECT_FALSE(deaths_[0].expected);
  EXPECT_THAT(deaths_[0].sentence, HasSubstr("was killed by signal 9 (Killed)"));
  EXPECT_GT(deaths_[0].peak_rss_bytes, 100'000);
  EXPECT_TRUE(log_->has("error " + deaths_[0].sentence)) << log_->all();
}

TEST_F(SupervisorTest, BacksOffFromAWorkerThatKeepsDying) {
  start({"exit", "3"});
  ASSERT_TRUE(until_dead(5));
  EXPECT_THAT(states_then_,
              ElementsAre("starting", "backing_off", "backing_off", "backing_off", "backing_off"))
      << "the first one is replaced at once";
  EXPECT_GE(died_at_[2] - died_at_[1], 100ms);
  EXPECT_GE(died_at_[3] - died_at_[2], 200ms);
  EXPECT_GE(died_at_[4] - died_at_[3], 400ms);
  EXPECT_EQ(deaths_[0].exit_code, 3);
  EXPECT_THAT(deaths_[0].sentence, HasSubstr("exited with code 3"));
  EXPECT_EQ(supervisor_->status()[0].state, "backing_off");
  EXPECT_TRUE(log_->has("error worker 1 does not come up")) << log_->all();
}

TEST_F(SupervisorTest, DoesNotHurryWithAWrongConfiguration) {
  start({"exit", "78"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(supervisor_->status()[0].state, "backing_off");
  EXPECT_EQ(supervisor_->status()[0].restarts, 0);
  EXPECT_TRUE(log_->has("error worker 1 does not come up")) << log_->all();
}

TEST_F(SupervisorTest, DescribesDeathsInSentences) {
  start({"abort"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_THAT(
      deaths_[0].sentence,
      ::testing::MatchesRegex("worker 1 \\(pid [0-9]+\\) was killed by signal 6 \\(Aborted\\)"));
  EXPECT_EQ(deaths_[0].process, 0) << "it never said that it started";
}

TEST_F(SupervisorTest, ReadsTheJobAndLogLinesOfADeadWorkerFromItsRecorder) {
  start({"die-in-job", "11"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_THAT(deaths_[0].sentence, HasSubstr("signal 11 (Segmentation fault)"));
  ASSERT_EQ(deaths_[0].running.size(), 1U);
  EXPECT_EQ(deaths_[0].running[0].id, 7);
  EXPECT_EQ(deaths_[0].running[0].claim_seq, 2);
  EXPECT_THAT(deaths_[0].last_log_lines, ElementsAre("began job 7"));
  EXPECT_TRUE(deaths_[0].timed_out.empty());
}

TEST_F(SupervisorTest, SaysThatAHandlerExited) {
  start({"die-in-job", "0"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_THAT(deaths_[0].sentence, HasSubstr("exited with code 0 in the middle of a job"));
}

TEST_F(SupervisorTest, ReplacesAWorkerThatRecyclesItselfAtOnceAndWithoutEnd) {
  start({"recycle"});
  ASSERT_TRUE(until_dead(8));
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_TRUE(deaths_[i].expected) << deaths_[i].sentence;
  EXPECT_LT(died_at_[7] - died_at_[0], 2s);
}

TEST_F(SupervisorTest, EndsAWorkerThatIsNotReadyInTime) {
  SupervisorOptions options;
  options.boot_deadline = 150ms;
  start({"never-ready"}, options);
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGABRT);
  EXPECT_FALSE(deaths_[0].expected);
  EXPECT_TRUE(log_->has("not ready in time")) << log_->all();
}

TEST_F(SupervisorTest, EndsAWorkerThatFallsSilent) {
  SupervisorOptions options;
  options.silence_deadline = 200ms;
  start({"silent"}, options);
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGABRT);
  EXPECT_EQ(readies_.size(), 1U);
}

TEST_F(SupervisorTest, KillsAStoppedWorkerThatCannotEvenAbort) {
  SupervisorOptions options;
  options.silence_deadline = 200ms;
  start({"serve"}, options);
  ASSERT_TRUE(until_ready(1));
  ::kill(readies_[0].pid, SIGSTOP);
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGKILL);
}

TEST_F(SupervisorTest, TakesABeatOfTheRecorderForASignOfLife) {
  SupervisorOptions options;
  options.silence_deadline = 300ms;
  start({"beat-quietly"}, options);
  ASSERT_TRUE(until_ready(1));
  EXPECT_TRUE(lives_on_for(1200ms));
}

TEST_F(SupervisorTest, DoesNotTakeItsOwnSleepForTheSilenceOfItsWorkers) {
  start({"silent"});
  ASSERT_TRUE(until_ready(1));
  clock_->jump(1h);  // this process was stopped, or the machine slept
  EXPECT_TRUE(lives_on_for(1500ms));
  EXPECT_EQ(supervisor_->status()[0].state, "ready");
}

/// Leaves this process exactly so many free descriptors, until it goes.
class FewDescriptors {
 public:
  explicit FewDescriptors(int free) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    std::vector<UniqueFd> taken;
    for (int i = 0; i < free; ++i)
      taken.emplace_back(::dup(STDERR_FILENO));
    rlimit few{before_};
    few.rlim_cur = static_cast<rlim_t>(taken.empty() ? 3 : taken.back().get() + 1);
    ::setrlimit(RLIMIT_NOFILE, &few);
  }

  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(SupervisorTest, NoticesTheEndOfAWorkerThatTheKernelCannotWatch) {
  const boost::asio::steady_timer opens_what_the_event_loop_needs{*context_};
  {
    const FewDescriptors enough_to_start_but_for_a_pidfd{5};
    start({"serve"});
    ASSERT_TRUE(until_ready(1)) << log_->all();
    EXPECT_LE(open_descriptors() - descriptors_before_, 3 + 2) << "there should be no pidfd";
  }
  ::kill(readies_[0].pid, SIGKILL);
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGKILL);
  EXPECT_TRUE(until_ready(2));
}

TEST_F(SupervisorTest, EndsOnlyTheChildThatSendsRubbish) {
  start({"garbage"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGKILL);
  EXPECT_TRUE(log_->has("is killed: a message between manager and worker is malformed"))
      << log_->all();
}

TEST_F(SupervisorTest, EndsOnlyTheChildWhoseLineNeverEnds) {
  start({"endless-line"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_TRUE(log_->has("longer than")) << log_->all();
}

TEST_F(SupervisorTest, TakesHalfALineForAnOrdinaryEnd) {
  start({"half-frame"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].exit_code, 0);
  EXPECT_EQ(deaths_[0].signal, 0);
}

TEST_F(SupervisorTest, EndsAWorkerThatClosesItsLineAndStays) {
  start({"close-line"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGKILL);
}

TEST_F(SupervisorTest, RefusesAnotherProtocolWithASentence) {
  start({"wrong-protocol"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_TRUE(log_->has("speaks protocol 99 (version 9.9)")) << log_->all();
  EXPECT_TRUE(readies_.empty());
}

TEST_F(SupervisorTest, RefusesAWorkerThatChangesItsRow) {
  start({"another-row"});
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].process, deaths_[0].pid) << "the first row stays";
  EXPECT_TRUE(log_->has("gives itself out for another worker")) << log_->all();
}

TEST_F(SupervisorTest, StaysResponsiveUnderAFlood) {
  start({"flood"});
  ASSERT_TRUE(until([&] { return messages_.size() > 5000; }));
  EXPECT_TRUE(deaths_.empty());
  EXPECT_TRUE(until_stopped(0ms));
}

TEST_F(SupervisorTest, ClimbsTheLadderFromDrainOverStopToTerm) {
  start({"ignore-drain"});
  ASSERT_TRUE(until_ready(1));
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(until_stopped(200ms));
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(deaths_.at(0).signal, SIGTERM);
  EXPECT_TRUE(deaths_[0].expected);
  EXPECT_GE(took, 1200ms);
  EXPECT_LT(took, 4s);
}

TEST_F(SupervisorTest, KillsWhatIgnoresEverything) {
  start({"ignore-term"});
  ASSERT_TRUE(until_ready(1));
  ASSERT_TRUE(until_stopped(0ms));
  EXPECT_EQ(deaths_.at(0).signal, SIGKILL);
}

TEST_F(SupervisorTest, EndsAWorkerWhoseJobPassedItsDeadline) {
  SupervisorOptions options;
  options.timeout_grace = 200ms;
  start({"late-job"}, options);
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGTERM);
  EXPECT_FALSE(deaths_[0].expected);
  EXPECT_TRUE(deaths_[0].running.empty());
  ASSERT_EQ(deaths_[0].timed_out.size(), 1U);
  EXPECT_EQ(deaths_[0].timed_out[0].id, 7);
  EXPECT_EQ(deaths_[0].timed_out[0].claim_seq, 2);
}

TEST_F(SupervisorTest, KillsAWorkerWhoseLateJobIgnoresTerm) {
  SupervisorOptions options;
  options.timeout_grace = 50ms;
  start({"late-job-ignoring-term"}, options);
  ASSERT_TRUE(until_dead(1));
  EXPECT_EQ(deaths_[0].signal, SIGKILL);
  EXPECT_EQ(deaths_[0].timed_out.size(), 1U);
}

TEST_F(SupervisorTest, RecyclesAWorkerOnRequest) {
  SupervisorOptions options;
  options.worker_count = 2;
  start({"serve"}, options);
  ASSERT_TRUE(until_ready(2));
  supervisor_->recycle(2);
  ASSERT_TRUE(until_ready(3));
  EXPECT_EQ(readies_[2].slot, 2);
  ASSERT_EQ(deaths_.size(), 1U);
  EXPECT_TRUE(deaths_[0].expected);
  EXPECT_EQ(supervisor_->status()[1].restarts, 1);
  EXPECT_EQ(supervisor_->status()[0].restarts, 0);
}

TEST_F(SupervisorTest, TellsTheWorkerThatRunsAJobToCancelIt) {
  SupervisorOptions options;
  options.worker_count = 2;
  start({"serve"}, options);
  ASSERT_TRUE(until_ready(2));
  supervisor_->cancel_job(readies_[1].process, 4711);
  supervisor_->cancel_job(-5, 4712);  // nobody's
  ASSERT_TRUE(until([&] { return !messages_.empty(); }));
  EXPECT_EQ(std::get<ipc::JobStarted>(messages_.at(0)).id, 4711);
}

TEST_F(SupervisorTest, WakesOneIdleWorkerForOneCall) {
  SupervisorOptions options;
  options.worker_count = 4;
  start({"serve"}, options);
  ASSERT_TRUE(until_ready(4));
  std::thread{[&] {
    supervisor_->wake();
  }}.join();
  ASSERT_TRUE(until([&] { return !messages_.empty(); }));
  EXPECT_TRUE(lives_on_for(200ms));
  EXPECT_EQ(messages_.size(), 1U) << "the probe answers each wake, and runs no job";
}

TEST_F(SupervisorTest, TellsAllWorkersOfALookAndOneWhenSomethingIsDue) {
  start({"serve"}, {.worker_count = 4});
  ASSERT_TRUE(until_ready(4));
  std::thread{[&] {
    supervisor_->node_looked({});
    supervisor_->node_looked(50ms);
  }}.join();
  ASSERT_TRUE(until([&] { return messages_.size() == 9; }));
  std::multiset<JobId> told;
  for (const ipc::Message& message : messages_)
    told.insert(std::get<ipc::JobStarted>(message).id);
  EXPECT_EQ(told, (std::multiset<JobId>{2, 2, 2, 2, 2, 2, 2, 2, 3}));
  EXPECT_TRUE(lives_on_for(100ms));
  supervisor_->node_looked(0us);
  ASSERT_TRUE(until([&] { return messages_.size() == 10; }));
  EXPECT_EQ(std::get<ipc::JobStarted>(messages_.back()).id, 3);
}

TEST_F(SupervisorTest, PassesAWorkersWakeOnToTheOthers) {
  SupervisorOptions options;
  options.worker_count = 2;
  start({"wake-others"}, options);
  ASSERT_TRUE(until_ready(2));
  EXPECT_TRUE(until([&] { return !messages_.empty(); }));
}

TEST_F(SupervisorTest, GoesOnAfterThereWasNoProgramToStart) {
  SupervisorOptions options;
  options.arguments = {"/nonexistent/program"};
  start_with(options);
  ASSERT_TRUE(until([&] { return supervisor_->status()[0].restarts >= 3; }));
  EXPECT_TRUE(log_->has("cannot start worker 1: running /nonexistent/program: No such file"))
      << log_->all();
  EXPECT_TRUE(deaths_.empty());
}

TEST_F(SupervisorTest, SurvivesATimeWithoutDescriptors) {
  start({"serve"});
  ASSERT_TRUE(until_ready(1));
  {
    const FewDescriptors none{0};
    ::kill(readies_[0].pid, SIGKILL);
    EXPECT_TRUE(until([&] { return log_->has("cannot make a socket pair"); })) << log_->all();
  }
  EXPECT_TRUE(until_ready(2)) << log_->all();
}

TEST_F(SupervisorTest, StopsWhileItsWorkersBackOff) {
  start({"exit", "1"});
  ASSERT_TRUE(until_dead(3));
  EXPECT_TRUE(until_stopped(1s));
}

TEST_F(SupervisorTest, StopsWhileItsWorkersBoot) {
  SupervisorOptions options;
  options.worker_count = 3;
  start({"serve"}, options);
  EXPECT_TRUE(until_stopped(2s));
  EXPECT_EQ(deaths_.size(), 3U);
}

TEST_F(SupervisorTest, TellsBothThatAskedForTheEnd) {
  start({"serve"});
  ASSERT_TRUE(until_ready(1));
  int done = 0;
  supervisor_->shutdown(10s, [&done] { ++done; });
  supervisor_->shutdown(0ms, [&done] { ++done; });
  ASSERT_TRUE(until([&] { return done == 2; }));
  ASSERT_TRUE(until_stopped(0ms)) << "and one that asks when all is over";
}

TEST_F(SupervisorTest, StopsAtOnceWithoutAnyWorkers) {
  SupervisorOptions options;
  options.worker_count = 0;
  start({"serve"}, options);
  supervisor_->wake();
  EXPECT_TRUE(until_stopped(1s));
}

TEST_F(SupervisorTest, LeavesNothingBehindWhenItIsDestroyedInFullFlight) {
  SupervisorOptions options;
  options.worker_count = 3;
  start({"serve"}, options);
  ASSERT_TRUE(until_ready(3));
  supervisor_.reset();
  for (const Ready& worker : readies_)
    EXPECT_FALSE(exists(worker.pid));
}

TEST_F(SupervisorTest, EndsInOrderWhateverSignalsItsWorkersGet) {
  constexpr int signals[] = {
      SIGTERM, SIGKILL, SIGSTOP, SIGCONT, SIGABRT, SIGHUP, SIGINT, SIGUSR1, SIGSEGV, SIGQUIT};
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random{seed};
    readies_.clear();
    SupervisorOptions options;
    options.worker_count = 2;
    options.silence_deadline = 1s;
    start({"serve"}, options);
    ASSERT_TRUE(until_ready(2)) << "seed " << seed;
    for (int i = 0; i < 4; ++i) {
      for (const SlotStatus& slot : supervisor_->status())
        if (slot.pid > 0 && random() % 2 == 0)
          ::kill(slot.pid, signals[random() % std::size(signals)]);
      context_->restart();
      context_->poll();
    }
    // Those that were stopped must be killed: two shutdowns, as if TERM came twice.
    supervisor_->shutdown(milliseconds{random() % 100}, {});
    ASSERT_TRUE(until_stopped(0ms)) << "seed " << seed << "\n" << log_->all();
    ASSERT_EQ(children(), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace errand::testing
