// The rules for changes of the clocks, one by one; docs/cron.md shows these same examples.
#include <date/tz.h>

#include <gtest/gtest.h>

#include "jobs/cron.hpp"
#include "jobs/cron_zone.hpp"
#include "support.hpp"

namespace errand {
namespace {

using jobs_test::at;
using Slots = std::vector<std::string>;

/// All slots in (from, to], as UTC without the seconds.
Slots between(std::string_view expression,
              std::string_view zone,
              std::string_view from,
              std::string_view to) {
  const Cron cron = Cron::parse(expression, zone);
  Slots found;
  for (auto slot = cron.next_after(at(from)); slot && *slot <= at(to);
       slot = cron.next_after(*slot))
    found.push_back(iso8601(*slot).substr(0, 16));
  return found;
}

// Berlin: on 29 March 2026 the clocks go from 02:00 to 03:00, which is 01:00 UTC.

TEST(CronGap, a_fixed_time_in_the_gap_runs_at_the_end_of_it) {
  EXPECT_EQ(between("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", "2026-03-31T00:00Z"),
            (Slots{"2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"}));
}

TEST(CronGap, several_fixed_times_in_the_gap_run_once) {
  EXPECT_EQ(between("0,20,40 2 * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T12:00Z"),
            (Slots{"2026-03-29T01:00"}));
}

TEST(CronGap, a_fixed_time_at_the_end_of_the_gap_runs_once_too) {
  EXPECT_EQ(between("30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T12:00Z"),
            (Slots{"2026-03-29T01:00", "2026-03-29T01:30"}));
  EXPECT_EQ(between("0 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T12:00Z"),
            (Slots{"2026-03-29T01:00"}));
}

TEST(CronGap, a_job_by_elapsed_time_gets_nothing_added) {
  EXPECT_EQ(between("30 * * * *", "Europe/Berlin", "2026-03-28T23:45Z", "2026-03-29T03:00Z"),
            (Slots{"2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T02:30"}));
  EXPECT_EQ(between("15 */2 * * *", "Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T05:00Z"),
            (Slots{"2026-03-28T23:15", "2026-03-29T02:15", "2026-03-29T04:15"}));
}

TEST(CronGap, a_weekday_counts_by_the_day_that_has_the_gap) {
  EXPECT_EQ(between("30 2 * * sun", "Europe/Berlin", "2026-03-23T00:00Z", "2026-03-30T00:00Z"),
            (Slots{"2026-03-29T01:00"}));
  EXPECT_EQ(between("30 2 * * mon", "Europe/Berlin", "2026-03-24T00:00Z", "2026-03-31T00:00Z"),
            (Slots{"2026-03-30T00:30"}));
}

// Berlin: on 25 October 2026 the clocks go from 03:00 back to 02:00, which is 01:00 UTC.

TEST(CronOverlap, a_fixed_time_that_comes_twice_runs_at_the_first) {
  EXPECT_EQ(between("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00Z", "2026-10-27T00:00Z"),
            (Slots{"2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"}));
}

TEST(CronOverlap, the_second_pass_is_skipped_from_within_it_too) {
  EXPECT_EQ(between("15,45 2 * * *", "Europe/Berlin", "2026-10-25T01:20Z", "2026-10-26T01:20Z"),
            (Slots{"2026-10-26T01:15"}));
}

TEST(CronOverlap, a_job_by_elapsed_time_runs_in_both_passes) {
  EXPECT_EQ(between("30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", "2026-10-25T03:00Z"),
            (Slots{"2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"}));
  EXPECT_EQ(
      between("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T12:00Z"),
      (Slots{"2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30"}));
}

TEST(CronOverlap, the_end_of_the_second_pass_is_a_new_time_again) {
  EXPECT_EQ(between("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T12:00Z"),
            (Slots{"2026-10-25T02:00"}));
}

TEST(CronZones, midnight_may_be_missing) {
  EXPECT_EQ(between("@daily", "America/Havana", "2025-03-08T12:00Z", "2025-03-10T12:00Z"),
            (Slots{"2025-03-09T05:00", "2025-03-10T04:00"}));
  EXPECT_EQ(between("@daily", "Asia/Beirut", "2023-03-25T12:00Z", "2023-03-26T23:00Z"),
            (Slots{"2023-03-25T22:00", "2023-03-26T21:00"}));
}

TEST(CronZones, midnight_may_come_twice) {
  EXPECT_EQ(between("30 0 * * *", "America/Havana", "2025-11-01T12:00Z", "2025-11-03T12:00Z"),
            (Slots{"2025-11-02T04:30", "2025-11-03T05:30"}));
}

TEST(CronZones, a_shift_of_half_an_hour_moves_half_an_hour) {
  EXPECT_EQ(between("15 2 * * *", "Australia/Lord_Howe", "2024-10-04T00:00Z", "2024-10-07T00:00Z"),
            (Slots{"2024-10-04T15:45", "2024-10-05T15:30", "2024-10-06T15:15"}));
  EXPECT_EQ(between("45 1 * * *", "Australia/Lord_Howe", "2024-04-05T00:00Z", "2024-04-08T00:00Z"),
            (Slots{"2024-04-05T14:45", "2024-04-06T14:45", "2024-04-07T15:15"}));
}

TEST(CronZones, a_day_that_was_left_out_runs_at_the_first_instant_of_the_next) {
  // Samoa went from Thursday 29 December 2011 to Saturday 31.
  EXPECT_EQ(
      between("0 3 * * *", "Pacific/Apia", "2011-12-29T00:00Z", "2012-01-01T00:00Z"),
      (Slots{"2011-12-29T13:00", "2011-12-30T10:00", "2011-12-30T13:00", "2011-12-31T13:00"}));
  EXPECT_EQ(between("0 3 * * fri", "Pacific/Apia", "2011-12-24T00:00Z", "2012-01-05T00:00Z"),
            (Slots{"2011-12-30T10:00"}));
}

TEST(CronZones, a_day_that_came_twice_runs_once) {
  // Alaska had Friday 18 October 1867 twice, as it went from the Russian to the American date.
  EXPECT_EQ(
      between("0 12 * * *", "America/Juneau", "1867-10-17T00:00Z", "1867-10-21T00:00Z").size(), 3U);
}

TEST(CronZones, a_winter_time_that_is_the_exception_changes_nothing) {
  EXPECT_EQ(between("30 1 * * *", "Europe/Dublin", "2024-03-30T00:00Z", "2024-04-01T12:00Z"),
            (Slots{"2024-03-30T01:30", "2024-03-31T01:00", "2024-04-01T00:30"}));
  EXPECT_EQ(between("30 1 * * *", "Europe/Dublin", "2024-10-26T12:00Z", "2024-10-28T12:00Z"),
            (Slots{"2024-10-27T00:30", "2024-10-28T01:30"}));
}

TEST(CronZones, a_shift_of_two_hours_moves_two_hours) {
  EXPECT_EQ(between("30 2 * * *", "Antarctica/Troll", "2024-03-30T12:00Z", "2024-03-31T12:00Z"),
            (Slots{"2024-03-31T01:00"}));
}

// What the search of a slot relies on: it looks at no span of time but the one before.
TEST(CronZones, no_clocks_jump_twice_within_two_days) {
  const std::chrono::sys_days until = std::chrono::year{2100} / 1 / 1;
  for (const date::time_zone& each : date::get_tzdb().zones) {
    const CronZone zone = CronZone::named(each.name());
    ZoneSpan span = zone.span_at(std::chrono::sys_days{std::chrono::year{1800} / 1 / 1});
    while (span.end < until) {
      span = zone.span_at(span.end);
      EXPECT_GT(span.end - span.begin, std::chrono::hours{48}) << each.name();
    }
  }
}

}  // namespace
}  // namespace errand
