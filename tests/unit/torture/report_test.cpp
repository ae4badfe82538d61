#include "report.hpp"

#include <gmock/gmock.h>

namespace errand::torture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Report good_report() {
  Report report;
  report.drained = true;
  report.findings.jobs = 20'000;
  report.findings.faults = 200;
  report.findings.stale_rejected = 5;
  report.findings.duplicated_with_cause = 7;
  report.findings.cron_slots = 600;
  report.findings.child_rescue = {9, 10, 900, 950};
  report.findings.node_rescue = {3, 31'000, 35'000, 36'000};
  report.rates = {500, 300, 495};
  report.end = {0, 4, 4};
  return report;
}

Bars all_bars() {
  return {.rows = 20'000,
          .faults = 200,
          .stale_rejected = 1,
          .duplicated_with_cause = 1,
          .cron_slots = 600,
          .child_rescue_p99_ms = 1'000,
          .node_rescue_longest_ms = 40'000,
          .recovered_percent = 98,
          .no_exits = true,
          .frozen_workers_replaced = true};
}

TEST(ReportTest, HasNoShortcomingsWhenEveryBarIsReached) {
  EXPECT_THAT(shortcomings(good_report(), all_bars()), IsEmpty());
  EXPECT_THAT(text_of(good_report(), all_bars()), HasSubstr("\nclean\n"));
}

TEST(ReportTest, AsksForNothingButThePromiseWithoutBars) {
  Report report;
  report.drained = true;
  report.exits = 3;
  EXPECT_THAT(shortcomings(report, {}), IsEmpty());
}

TEST(ReportTest, FindsEveryBrokenPromise) {
  std::size_t Findings::*const must_be_zero[]{&Findings::lost,
                                              &Findings::unexpected,
                                              &Findings::stale_finalised,
                                              &Findings::resurrected,
                                              &Findings::duplicated_without_cause,
                                              &Findings::overlapping_without_cause,
                                              &Findings::cron_slots_missed,
                                              &Findings::cron_slots_doubled};
  for (const auto counter : must_be_zero) {
    Report report = good_report();
    report.findings.*counter = 2;
    EXPECT_THAT(shortcomings(report, all_bars()), ElementsAre(HasSubstr(": 2, but 0 is allowed")));
  }
}

TEST(ReportTest, FindsWorkThatWasNotDoneAndNodesThatEndedBadly) {
  Report report = good_report();
  report.drained = false;
  report.end.nodes_that_did_not_end_well = 1;
  EXPECT_THAT(shortcomings(report, {}),
              ElementsAre(HasSubstr("jobs were left"), HasSubstr("did not end well: 1")));
  EXPECT_THAT(text_of(report, {}), HasSubstr("NOT CLEAN"));
}

TEST(ReportTest, FindsEverythingThatIsLeftBehind) {
  std::size_t Hygiene::*const must_be_zero[]{&Hygiene::zombies,
                                             &Hygiene::descriptors_leaked,
                                             &Hygiene::threads_leaked,
                                             &Hygiene::files_left,
                                             &Hygiene::open_transactions,
                                             &Hygiene::advisory_locks};
  for (const auto counter : must_be_zero) {
    Report report = good_report();
    report.hygiene.*counter = 1;
    EXPECT_THAT(shortcomings(report, all_bars()), ElementsAre(HasSubstr(": 1, but 0 is allowed")));
  }
}

TEST(ReportTest, FindsADamagedDatabaseAndANodeThatEndedByItself) {
  Report report = good_report();
  report.hygiene.damage = "row 7 missing from index";
  report.end.nodes_that_ended_unasked = 1;
  EXPECT_THAT(shortcomings(report, all_bars()),
              ElementsAre(HasSubstr("row 7 missing"), HasSubstr("ended by themselves: 1")));
}

TEST(ReportTest, FindsEveryBarThatIsMissed) {
  Report report;
  report.drained = true;
  report.exits = 1;
  report.rates = {500, 300, 489};
  report.findings.child_rescue = {9, 10, 1'001, 2'000};
  report.findings.node_rescue = {3, 31'000, 35'000, 40'001};
  report.end = {0, 4, 3};
  EXPECT_THAT(shortcomings(report, all_bars()),
              ElementsAre(HasSubstr("rows: 0.0"),
                          HasSubstr("faults: 0.0"),
                          HasSubstr("refused as stale: 0.0"),
                          HasSubstr("run again with cause: 0.0"),
                          HasSubstr("cron slots: 0.0"),
                          HasSubstr("worker's kill: 1001 ms"),
                          HasSubstr("node's kill: 40001 ms"),
                          HasSubstr("before the faults: 97.8"),
                          HasSubstr("processes that ended: 1"),
                          HasSubstr("3 of 4 frozen workers")));
}

TEST(ReportTest, TakesARescueThatNobodySawForAMissedBar) {
  Report report = good_report();
  report.findings.child_rescue = {};
  report.findings.node_rescue = {};
  EXPECT_THAT(shortcomings(report, all_bars()),
              ElementsAre(HasSubstr("none was seen"), HasSubstr("none was seen")));
}

TEST(ReportTest, CountsTheRunsThatEndedBetweenTwoInstants) {
  History history;
  for (const std::int64_t end : {999'999, 1'000'000, 1'500'000, 2'999'999, 3'000'000})
    history.runs.push_back({.start = 1, .end = end});
  history.runs.push_back({.start = 2'000'000});
  EXPECT_DOUBLE_EQ(rate(history, 1'000'000, 3'000'000), 1.5);
  EXPECT_DOUBLE_EQ(rate(history, 3'000'000, 3'000'000), 0);
}

}  // namespace
}  // namespace errand::torture
