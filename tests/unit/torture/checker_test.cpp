#include "checker.hpp"

#include <gmock/gmock.h>

#include "history.hpp"

namespace errand::torture {
namespace {

constexpr std::int64_t second_us = 1'000'000;

/// Two nodes, 1 and 2, with workers 11, 12 and 21. Times in microseconds.
class CheckerTest : public ::testing::Test {
 protected:
  void acknowledged(JobId job) { history_.acknowledged.push_back({job}); }

  /// Runs are given by job and start, as the history sorts them.
  void ran(JobId job, const std::string& name, pid_t worker, std::int64_t from, std::int64_t to) {
    history_.runs.push_back({job, name, worker / 10, worker, from, to});
  }

  void broke_off(JobId job, const std::string& name, pid_t worker, std::int64_t from) {
    history_.runs.push_back({job, name, worker / 10, worker, from, std::nullopt});
  }

  void fault(FaultKind kind, pid_t node, pid_t worker, std::int64_t begin, std::int64_t end) {
    history_.faults.push_back({kind, node, worker, begin, end});
  }

  void succeeded(JobId id, const std::string& run) {
    rows_.push_back({.id = id, .chain = id, .finished = true, .succeeded = true, .run = run});
  }

  void waits(JobId id) { rows_.push_back({.id = id, .chain = id}); }

  void was_poison(JobId id) {
    rows_.push_back({.id = id, .chain = id, .finished = true, .poisoned = true});
  }

  void cron_ran(JobId id, const std::string& tag, std::int64_t slot_us) {
    cron_ran(id, tag, slot_us, slot_us);
  }

  void cron_ran(JobId id, const std::string& tag, std::int64_t slot_us, std::int64_t created_us) {
    const std::string run = "c" + std::to_string(id);
    rows_.push_back({id, id, true, true, false, run, tag, slot_us, created_us});
    ran(id, run, 11, slot_us, slot_us + 1);
  }

  [[nodiscard]] Findings findings() const { return check(history_, rows_); }

  /// The counters that must be zero, in their order.
  [[nodiscard]] std::vector<std::size_t> guilt() const {
    const Findings found = findings();
    return {found.lost,
            found.unexpected,
            found.stale_finalised,
            found.resurrected,
            found.duplicated_without_cause,
            found.overlapping_without_cause,
            found.cron_slots_missed,
            found.cron_slots_doubled};
  }

  static std::vector<std::size_t> innocent() { return std::vector<std::size_t>(8); }

  static std::vector<std::size_t> guilty_of(std::size_t counter, std::size_t count = 1) {
    std::vector<std::size_t> counts = innocent();
    counts.at(counter) = count;
    return counts;
  }

  enum Counter : std::size_t {
    lost,
    unexpected,
    stale_finalised,
    resurrected,
    duplicated,
    overlapping,
    missed,
    doubled
  };

  History history_{};
  std::vector<FinalRow> rows_{};
};

TEST_F(CheckerTest, AcquitsAJobThatRanOnce) {
  acknowledged(1);
  ran(1, "a", 11, 100, 200);
  succeeded(1, "a");
  EXPECT_EQ(guilt(), innocent());
  EXPECT_EQ(findings().jobs, 1U);
  EXPECT_EQ(findings().acknowledged, 1U);
  EXPECT_EQ(findings().runs, 1U);
  EXPECT_EQ(findings().recovered, 0U);
}

TEST_F(CheckerTest, SeesAnAcknowledgedJobWithoutARow) {
  acknowledged(1);
  EXPECT_EQ(guilt(), guilty_of(lost));
}

TEST_F(CheckerTest, SeesAnAcknowledgedJobThatNeverRan) {
  acknowledged(1);
  waits(1);
  EXPECT_EQ(guilt(), guilty_of(lost));
}

TEST_F(CheckerTest, CountsAChainAsDoneWhenItsRetrySucceeded) {
  acknowledged(1);
  broke_off(1, "a", 11, 100);
  ran(2, "b", 12, 200, 300);
  rows_.push_back({.id = 1, .chain = 1, .finished = true});
  rows_.push_back({.id = 2, .chain = 1, .finished = true, .succeeded = true, .run = "b"});
  EXPECT_EQ(guilt(), innocent());
}

TEST_F(CheckerTest, LetsAJobBeGivenUpOnlyWhenItsRunsBrokeOff) {
  acknowledged(1);
  broke_off(1, "a", 11, 100);
  broke_off(1, "b", 12, 200);
  broke_off(1, "c", 21, 300);
  was_poison(1);
  EXPECT_EQ(guilt(), innocent());
  EXPECT_EQ(findings().poisoned, 1U);

  acknowledged(2);
  ran(2, "d", 11, 100, 200);
  was_poison(2);
  EXPECT_EQ(guilt(), guilty_of(lost));
  EXPECT_EQ(findings().poisoned, 1U);
}

TEST_F(CheckerTest, SeesASuccessWithoutARunThatEnded) {
  broke_off(1, "a", 11, 100);
  succeeded(1, "a");
  EXPECT_EQ(guilt(), guilty_of(unexpected));
}

TEST_F(CheckerTest, SeesASuccessWithTheResultOfNoRun) {
  ran(1, "a", 11, 100, 200);
  succeeded(1, "z");
  EXPECT_EQ(guilt(), guilty_of(unexpected));
}

TEST_F(CheckerTest, CountsAsRecoveredWhatIsStoredWithoutAnAnswer) {
  ran(1, "a", 11, 100, 200);
  succeeded(1, "a");
  EXPECT_EQ(guilt(), innocent());
  EXPECT_EQ(findings().recovered, 1U);
}

TEST_F(CheckerTest, SeesARepeatWithoutCause) {
  ran(1, "a", 11, 100, 200);
  ran(1, "b", 21, 300, 400);
  succeeded(1, "b");
  EXPECT_EQ(guilt(), guilty_of(duplicated));
  EXPECT_EQ(findings().duplicated_with_cause, 0U);
  EXPECT_THAT(table(findings()),
              ::testing::EndsWith("job 1: worker 11 of node 1 ran it for 0.1 ms and gave its last "
                                  "sign after 0.1 ms; worker 21 of node 2 began it after 0.2 ms "
                                  "(runs a and b)\n"));
}

TEST_F(CheckerTest, AcceptsARepeatAfterAFaultOfItsWorkerItsNodeOrTheDatabase) {
  ran(1, "a", 11, 100, 200);
  ran(1, "b", 21, 300, 400);
  succeeded(1, "b");
  const std::vector<Fault> causes{{FaultKind::kill_worker, 1, 11, 150, 160},
                                  {FaultKind::kill_node, 1, 0, 250, 260},
                                  {FaultKind::freeze_node, 1, 0, 50, 290},
                                  {FaultKind::take_worker, 1, 11, 50, 60},
                                  {FaultKind::restart_database, 0, 0, 200, 220}};
  for (const Fault& cause : causes) {
    history_.faults = {cause};
    EXPECT_EQ(guilt(), innocent()) << line_of(cause);
    EXPECT_EQ(findings().duplicated_with_cause, 1U) << line_of(cause);
  }
}

TEST_F(CheckerTest, AcceptsNoRepeatForWhatOnlyHinderedTheDatabase) {
  succeeded(7, "b");
  ran(7, "a", 11, 10, 20);
  ran(7, "b", 12, 5 * second_us, 6 * second_us);
  for (const FaultKind kind : {FaultKind::kill_backends,
                               FaultKind::exhaust_pool,
                               FaultKind::pin_snapshot,
                               FaultKind::lock_table,
                               FaultKind::hold_database,
                               FaultKind::stall_network,
                               FaultKind::cut_network,
                               FaultKind::fill_disk})
    fault(kind, 0, 0, 1, 4 * second_us);
  EXPECT_EQ(guilt(), guilty_of(duplicated));
}

TEST_F(CheckerTest, AcceptsARepeatAfterTheDatabaseWasAwayAsLongAsALease) {
  succeeded(7, "b");
  ran(7, "a", 11, 10, 20);
  ran(7, "b", 12, 40 * second_us, 41 * second_us);
  fault(FaultKind::stall_network, 0, 0, 1, 35 * second_us);
  EXPECT_EQ(guilt(), innocent());
}

TEST_F(CheckerTest, CountsTheFaultsOfEachKind) {
  fault(FaultKind::kill_worker, 1, 11, 1, 2);
  fault(FaultKind::kill_worker, 1, 12, 3, 4);
  fault(FaultKind::jump_clock, 1, 0, 5, 6);
  EXPECT_THAT(
      findings().faults_by_kind,
      ::testing::ElementsAre(::testing::Pair("jump-clock", 1), ::testing::Pair("kill-worker", 2)));
}

TEST_F(CheckerTest, DoesNotAcceptTheFaultOfAnotherOrOfAnotherTime) {
  ran(1, "a", 11, 100, 200);
  ran(1, "b", 21, 300, 400);
  succeeded(1, "b");
  const std::vector<Fault> pretexts{{FaultKind::kill_worker, 1, 12, 150, 160},
                                    {FaultKind::kill_node, 3, 0, 250, 260},
                                    {FaultKind::kill_worker, 1, 11, -second_us, 60 - second_us},
                                    {FaultKind::restart_database, 0, 0, 301, 320}};
  for (const Fault& pretext : pretexts) {
    history_.faults = {pretext};
    EXPECT_EQ(guilt(), guilty_of(duplicated)) << line_of(pretext);
  }
}

TEST_F(CheckerTest, KnowsThatAWorkerThatIsKilledHasAMomentLeft) {
  fault(FaultKind::kill_before_flush, 1, 11, 50, 50);
  ran(1, "a", 11, 100, 200);
  ran(1, "b", 12, 300, 400);
  succeeded(1, "b");
  EXPECT_EQ(findings().duplicated_with_cause, 1U);
  EXPECT_EQ(findings().duplicated_without_cause, 0U);
}

TEST_F(CheckerTest, AcceptsARepeatAfterARunThatTookItsWholeWorkerWithIt) {
  ran(1, "a", 11, 100, 200);
  ran(1, "c", 12, 300, 400);
  broke_off(2, "b", 11, 150);
  ran(2, "d", 12, 350, 360);
  succeeded(1, "c");
  succeeded(2, "d");
  EXPECT_EQ(guilt(), innocent());
  EXPECT_EQ(findings().duplicated_with_cause, 2U);
}

TEST_F(CheckerTest, AcceptsARepeatOfARunThatBeganAfterTheOneThatEndedTheWorker) {
  ran(1, "a", 11, 100, 200);
  ran(1, "c", 12, 300, 400);
  broke_off(2, "b", 11, 50);
  ran(2, "d", 12, 350, 360);
  succeeded(1, "c");
  succeeded(2, "d");
  EXPECT_EQ(guilt(), innocent());
}

TEST_F(CheckerTest, DoesNotAcceptTheDeathOfItsWorkerLongAfterwards) {
  ran(1, "a", 11, 100, 200);
  ran(1, "c", 12, 300, 400);
  broke_off(2, "b", 11, 2 * second_us);
  ran(2, "d", 12, 3 * second_us, 4 * second_us);
  succeeded(1, "c");
  succeeded(2, "d");
  EXPECT_EQ(guilt(), guilty_of(duplicated));
}

TEST_F(CheckerTest, SeesTwoRunsAtOnceWithoutCause) {
  ran(1, "a", 11, 100, 400);
  ran(1, "b", 21, 300, 500);
  succeeded(1, "b");
  std::vector<std::size_t> both = guilty_of(duplicated);
  both.at(overlapping) = 1;
  EXPECT_EQ(guilt(), both);
  fault(FaultKind::freeze_node, 1, 0, 150, 350);
  EXPECT_EQ(guilt(), innocent());
}

TEST_F(CheckerTest, SeesTheResultOfAStaleRun) {
  ran(1, "a", 11, 100, 400);
  ran(1, "b", 21, 300, 500);
  fault(FaultKind::freeze_node, 1, 0, 150, 350);
  succeeded(1, "a");
  EXPECT_EQ(guilt(), guilty_of(stale_finalised));
}

TEST_F(CheckerTest, KnowsThatAWorkerThatWasTakenForDeadBeginsJobsItHasLost) {
  ran(1, "a", 21, 300, 500);
  ran(1, "b", 11, 400, 450);
  fault(FaultKind::take_worker, 1, 11, 250, 260);
  succeeded(1, "a");
  EXPECT_EQ(guilt(), innocent());
  EXPECT_EQ(findings().duplicated_with_cause, 1U);
}

TEST_F(CheckerTest, CountsWhatTheDatabaseRefusedAndWhatItSawChanged) {
  acknowledged(1);
  ran(1, "a", 11, 100, 200);
  succeeded(1, "a");
  history_.refused = {1, 1, 1};
  EXPECT_EQ(guilt(), innocent());
  EXPECT_EQ(findings().stale_rejected, 3U);
  history_.rewritten = {1, 1};
  EXPECT_EQ(guilt(), guilty_of(resurrected, 2));
}

TEST_F(CheckerTest, SeesASlotThatACronMissed) {
  cron_ran(1, "cron0", 1 * second_us);
  cron_ran(2, "cron0", 2 * second_us);
  cron_ran(3, "cron0", 5 * second_us);
  EXPECT_EQ(guilt(), guilty_of(missed, 2));
  EXPECT_EQ(findings().cron_slots, 3U);
}

TEST_F(CheckerTest, LetsACronGiveUpWhatIsOverAHundredSlotsLate) {
  cron_ran(1, "cron0", 1 * second_us);
  cron_ran(2, "cron0", 301 * second_us, 400 * second_us + 1);
  EXPECT_EQ(guilt(), innocent());
  EXPECT_EQ(findings().cron_slots_given_up, 299U);
  cron_ran(3, "cron1", 1 * second_us);
  cron_ran(4, "cron1", 301 * second_us, 400 * second_us - 1);
  EXPECT_EQ(guilt(), guilty_of(missed)) << "the 300th was one of the last hundred";
  EXPECT_EQ(findings().cron_slots_given_up, 299U + 298U);
}

TEST_F(CheckerTest, SeesASlotThatACronHadTwice) {
  cron_ran(1, "cron0", 1 * second_us);
  cron_ran(2, "cron0", 2 * second_us);
  cron_ran(3, "cron0", 2 * second_us);
  cron_ran(4, "cron1", 2 * second_us);
  EXPECT_EQ(guilt(), guilty_of(doubled));
}

TEST_F(CheckerTest, LetsARetryHaveTheSlotOfTheRunThatFailed) {
  broke_off(1, "a", 11, 100);
  ran(2, "b", 12, 200, 300);
  rows_.push_back({1, 1, true, false, false, "", "cron0", second_us, 0});
  rows_.push_back({2, 1, true, true, false, "b", "cron0", second_us, 0});
  EXPECT_EQ(guilt(), innocent());
}

TEST_F(CheckerTest, MeasuresFromTheKillOfAWorkerToTheNextRun) {
  for (JobId job = 1; job <= 100; ++job) {
    broke_off(job, "a" + std::to_string(job), 11, 1000);
    ran(job, "b" + std::to_string(job), 12, 2000 + job * 1000, 200'000);
  }
  fault(FaultKind::kill_worker, 1, 11, 2000, 2010);
  const Percentiles rescue = findings().child_rescue;
  EXPECT_EQ(rescue.count, 100U);
  EXPECT_DOUBLE_EQ(rescue.p50_ms, 50);
  EXPECT_DOUBLE_EQ(rescue.p99_ms, 99);
  EXPECT_DOUBLE_EQ(rescue.longest_ms, 100);
  EXPECT_EQ(findings().node_rescue.count, 0U);
}

TEST_F(CheckerTest, MeasuresFromTheKillOfANodeToTheNextRun) {
  broke_off(1, "a", 11, 1000);
  ran(1, "b", 21, 31 * second_us + 2000, 40 * second_us);
  fault(FaultKind::kill_node, 1, 0, 2000, 2010);
  EXPECT_EQ(findings().node_rescue.count, 1U);
  EXPECT_DOUBLE_EQ(findings().node_rescue.longest_ms, 31'000);
  EXPECT_EQ(findings().child_rescue.count, 0U);
}

TEST_F(CheckerTest, MeasuresNoRescueThatMetWithAnotherFault) {
  broke_off(1, "a", 11, 1000);
  ran(1, "b", 21, 31 * second_us, 40 * second_us);
  fault(FaultKind::kill_worker, 1, 11, 2000, 2010);
  fault(FaultKind::kill_node, 1, 0, 2100, 2110);
  EXPECT_EQ(findings().child_rescue.count, 0U);
  EXPECT_EQ(findings().node_rescue.count, 0U);
}

TEST_F(CheckerTest, ShowsEveryFindingInItsTable) {
  acknowledged(1);
  history_.refused = {1, 2, 3, 4, 5, 6, 7};
  const std::string text = table(findings());
  EXPECT_THAT(text, ::testing::ContainsRegex("lost *\\| *1 "));
  EXPECT_THAT(text, ::testing::ContainsRegex("refused as stale *\\| *7 "));
}

}  // namespace
}  // namespace errand::torture
