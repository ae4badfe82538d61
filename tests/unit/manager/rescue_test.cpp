#include "manager/rescue.hpp"

#include <gmock/gmock.h>

#include "helpers/fake_job_store.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::FakeJobStore;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ProcessId process = 31;

ClaimedJob claim(JobId id) {
  ClaimedJob job;
  job.id = id;
  job.claim_seq = 4;
  job.type = "resize";
  job.tag = "t" + std::to_string(id);
  job.data = "{}";
  job.user_id = 42;
  return job;
}

ChildDeath death_of(std::vector<ipc::FlightRecorder::Running> running) {
  ChildDeath death;
  death.slot = 2;
  death.pid = 4711;
  death.process = process;
  death.signal = 11;
  death.sentence = "worker 2 (pid 4711) was killed by signal 11 (Segmentation fault)";
  death.peak_rss_bytes = 1 << 20;
  death.cpu_time = 120ms;
  death.running = std::move(running);
  death.last_log_lines = {"began", "bad \xff byte"};
  return death;
}

class RescueTest : public ::testing::Test {
 protected:
  RescueTest() {
    registry_.add("resize", [](JobContext&, const Json&) {});
    registry_.add(
        "patient", [](JobContext&, const Json&) {}, {.retry = RetryPolicy::always_after(5s)});
  }

  std::vector<RescuedJob> rescue(const ChildDeath& death) {
    return Rescue{store_, registry_}.after(death, random_);
  }

  [[nodiscard]] const Transition& transition(std::size_t index) const {
    return store_.completed.at(index).transition;
  }

  FakeJobStore store_{};
  JobRegistry registry_{};
  Random random_{1};
};

TEST_F(RescueTest, EndsTheProcessWithTheSentence) {
  EXPECT_THAT(rescue(death_of({})), IsEmpty());
  EXPECT_EQ(store_.ended.at(process), death_of({}).sentence);
  EXPECT_THAT(store_.completed, IsEmpty());
}

TEST_F(RescueTest, HasNothingToDoForAWorkerThatNeverStarted) {
  ChildDeath death = death_of({});
  death.process = 0;
  EXPECT_THAT(rescue(death), IsEmpty());
  EXPECT_THAT(store_.ended, IsEmpty());
}

TEST_F(RescueTest, BlamesTheJobThatRanAndNoneThatWasOnlyClaimed) {
  store_.claims[process] = {claim(1), claim(2), claim(3)};
  const auto rescued = rescue(death_of({{2, 4, {}, {}}}));
  ASSERT_THAT(rescued, SizeIs(3));
  EXPECT_EQ(rescued[0].end, RunEnd::released);
  EXPECT_EQ(rescued[1].end, RunEnd::crashed);
  EXPECT_EQ(rescued[2].end, RunEnd::released);
  EXPECT_EQ(transition(0).crash_count, 0);
  EXPECT_EQ(transition(1).crash_count, 1);
  EXPECT_EQ(transition(1).to, Transition::To::scheduled) << "a crash is not the handler's verdict";
  EXPECT_EQ(store_.completed.at(1).claim_seq, 4);
  EXPECT_TRUE(rescued[1].recorded);
  EXPECT_EQ(rescued[1].job.state, JobState::scheduled);
}

TEST_F(RescueTest, WritesTheClaimsOfWhatRanFirstInCaseItWasOnlyHeld) {
  EXPECT_THAT(rescue(death_of({{1, 4, {}, {}}, {2, 1, {}, {}}})), IsEmpty());
  EXPECT_THAT(store_.claims_written, ::testing::ElementsAre(1, 2));
  EXPECT_TRUE(store_.blamed);
}

TEST_F(RescueTest, WritesNoClaimsForAWorkerThatWasToEnd) {
  ChildDeath death = death_of({{1, 4, {}, {}}});
  death.expected = true;
  rescue(death);
  EXPECT_THAT(store_.claims_written, IsEmpty()) << "what it held is as it was";
}

TEST_F(RescueTest, OfAWorkerKilledForADeadlineOnlyTheLateJobIsWritten) {
  ChildDeath death = death_of({{1, 4, {}, {}}, {2, 4, {}, {}}});
  death.timed_out = {{2, 4, {}, {}}};
  rescue(death);
  EXPECT_THAT(store_.claims_written, ::testing::ElementsAre(2));
  EXPECT_FALSE(store_.blamed) << "a deadline is no crash";
}

TEST_F(RescueTest, BlamesNothingOnAWorkerThatLeftBecauseItHadBeenDeclaredDead) {
  store_.claims[process] = {claim(1)};
  ChildDeath death = death_of({{1, 4, {}, {}}});
  death.signal = 0;
  death.exit_code = 75;
  EXPECT_EQ(rescue(death).at(0).end, RunEnd::released);
  EXPECT_THAT(store_.claims_written, IsEmpty()) << "what it held is others' by now";
}

TEST_F(RescueTest, KnowsAJobThatLeavesWithThatExitCodeByTheLivingRow) {
  store_.claims[process] = {claim(1)};
  store_.live = {{.id = process}};
  ChildDeath death = death_of({{1, 4, {}, {}}});
  death.signal = 0;
  death.exit_code = 75;
  EXPECT_EQ(rescue(death).at(0).end, RunEnd::crashed);
  EXPECT_THAT(store_.claims_written, ::testing::ElementsAre(1));
}

TEST_F(RescueTest, DoesNotBlameAJobForAnEarlierClaimOfIt) {
  store_.claims[process] = {claim(1)};
  EXPECT_EQ(rescue(death_of({{1, 3, {}, {}}})).at(0).end, RunEnd::released);
}

TEST_F(RescueTest, FinishesAPoisonousJobAndTellsAllThatIsKnown) {
  ClaimedJob job = claim(1);
  job.crash_count = 2;
  store_.claims[process] = {job};
  const auto rescued = rescue(death_of({{1, 4, {}, {}}}));
  EXPECT_EQ(transition(0).to, Transition::To::finished);
  EXPECT_EQ(transition(0).reason, "crashed");
  const Json error = Json::parse(transition(0).result);
  EXPECT_EQ(error.at("error"), death_of({}).sentence);
  EXPECT_EQ(error.at("signal"), 11);
  EXPECT_EQ(error.at("exitCode"), 0);
  EXPECT_EQ(error.at("peakRssBytes"), 1 << 20);
  EXPECT_EQ(error.at("cpuMs"), 120);
  EXPECT_EQ(error.at("lastLogLines").at(1), "bad \xEF\xBF\xBD byte");
  EXPECT_EQ(rescued.at(0).job.state, JobState::failed);
  EXPECT_TRUE(rescued[0].job.finished.has_value());
  EXPECT_EQ(rescued[0].job.user_id, 42);
}

TEST_F(RescueTest, BlamesOnlyTheJobForWhoseDeadlineTheWorkerWasKilled) {
  store_.claims[process] = {claim(1), claim(2), claim(3)};
  store_.claims[process][1].timeout = 60s;
  ChildDeath death = death_of({{1, 4, {}, {}}});
  death.timed_out = {{2, 4, {}, {}}};
  const auto rescued = rescue(death);
  EXPECT_EQ(rescued.at(0).end, RunEnd::released) << "it ran beside the late one";
  EXPECT_EQ(rescued.at(1).end, RunEnd::timed_out);
  EXPECT_EQ(rescued.at(2).end, RunEnd::released);
  EXPECT_EQ(transition(1).reason, "timed_out");
  EXPECT_THAT(Json::parse(transition(1).result).at("error").get<std::string>(),
              HasSubstr("did not end within its timeout of " + std::string{"1m"}));
}

TEST_F(RescueTest, NamesNoLimitThatTheJobDoesNotHaveItself) {
  store_.claims[process] = {claim(1)};
  ChildDeath death = death_of({});
  death.timed_out = {{1, 4, {}, {}}};
  ASSERT_THAT(rescue(death), SizeIs(1));
  EXPECT_EQ(
      Json::parse(transition(0).result).at("error").get<std::string>(),
      "the job did not end within its timeout, nor when it was asked to stop; " + death.sentence);
}

TEST_F(RescueTest, FollowsTheRowsOwnPolicyThenTheSeedsColumnsThenTheTypes) {
  ClaimedJob own = claim(1);
  own.type = "patient";
  own.retry_policy = R"({"first":"2s","factor":1,"jitter":0,"maxAttempts":5})";
  ClaimedJob columns = claim(2);
  columns.type = "patient";
  columns.auto_reschedule_delay = 7s;
  ClaimedJob type = claim(3);
  type.type = "patient";
  ClaimedJob none = claim(4);
  ClaimedJob stranger = claim(5);
  stranger.type = "nobody knows";
  store_.claims[process] = {own, columns, type, none, stranger};
  std::ignore = rescue(
      death_of({{1, 4, {}, {}}, {2, 4, {}, {}}, {3, 4, {}, {}}, {4, 4, {}, {}}, {5, 4, {}, {}}}));
  EXPECT_EQ(transition(0).retry_delay, 2s);
  EXPECT_EQ(transition(1).retry_delay, 7s);
  EXPECT_EQ(transition(2).retry_delay, 5s);
  EXPECT_EQ(transition(3).retry_delay, std::nullopt);
  EXPECT_EQ(transition(4).retry_delay, std::nullopt);
}

TEST_F(RescueTest, SaysWhichJobsWereNoLongerThatWorkers) {
  store_.claims[process] = {claim(1), claim(2)};
  store_.stale = {1};
  const auto rescued = rescue(death_of({}));
  EXPECT_FALSE(rescued.at(0).recorded);
  EXPECT_TRUE(rescued.at(1).recorded);
}

TEST_F(RescueTest, PassesOnThatTheDatabaseIsAway) {
  store_.away = true;
  EXPECT_THROW(std::ignore = rescue(death_of({})), Error);
}

TEST_F(RescueTest, ReleasesUnblamedWhatADeadProcessHeld) {
  store_.claims[process] = {claim(1), claim(2)};
  const auto released = Rescue{store_, registry_}.release_claims(process);
  ASSERT_THAT(released, SizeIs(2));
  EXPECT_EQ(released[0].end, RunEnd::released);
  EXPECT_EQ(transition(0).crash_count, 0);
  EXPECT_THAT(store_.ended, IsEmpty());
}

}  // namespace
}  // namespace errand
