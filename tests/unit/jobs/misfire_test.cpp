#include <gtest/gtest.h>

#include "jobs/cron.hpp"
#include "support.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using jobs_test::at;

std::string following(std::string_view expression,
                      std::string_view previous,
                      std::string_view now,
                      Misfire misfire) {
  const auto slot = following_slot(Cron::parse(expression), at(previous), at(now), misfire);
  return slot ? iso8601(*slot) : "never";
}

constexpr std::array every_rule{Misfire::latest, Misfire::skip, Misfire::all};

TEST(Misfire, a_slot_that_lies_ahead_is_next_whatever_the_rule) {
  for (const Misfire misfire : every_rule)
    EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T10:20Z", misfire),
              "2026-01-01T11:00:00.000Z");
}

TEST(Misfire, a_clock_that_went_back_runs_no_slot_again) {
  for (const Misfire misfire : every_rule)
    EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T03:00Z", misfire),
              "2026-01-01T11:00:00.000Z");
}

TEST(Misfire, latest_runs_once_for_the_latest_missed_slot) {
  EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T15:20Z", Misfire::latest),
            "2026-01-01T15:00:00.000Z");
  EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T11:20Z", Misfire::latest),
            "2026-01-01T11:00:00.000Z");
}

TEST(Misfire, skip_waits_for_the_next_slot) {
  EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T15:20Z", Misfire::skip),
            "2026-01-01T16:00:00.000Z");
}

TEST(Misfire, all_runs_one_missed_slot_after_another) {
  EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T15:20Z", Misfire::all),
            "2026-01-01T11:00:00.000Z");
  EXPECT_EQ(following("@hourly", "2026-01-01T11:00Z", "2026-01-01T15:20Z", Misfire::all),
            "2026-01-01T12:00:00.000Z");
}

TEST(Misfire, a_slot_that_is_due_just_now_is_no_longer_ahead) {
  EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T12:00Z", Misfire::latest),
            "2026-01-01T12:00:00.000Z");
  EXPECT_EQ(following("@hourly", "2026-01-01T10:00Z", "2026-01-01T12:00Z", Misfire::skip),
            "2026-01-01T13:00:00.000Z");
}

TEST(Misfire, all_catches_up_with_a_hundred_slots_and_no_more) {
  const Cron cron = Cron::parse("* * * * *");
  const TimePoint now = at("2026-01-02T00:00:30Z");
  const auto runs = [&](std::chrono::minutes missed) {
    TimePoint slot = now - missed;
    int count = 0;
    while (slot <= now) {
      slot = following_slot(cron, slot, now, Misfire::all).value();
      count += slot <= now ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(runs(99min), 99);
  EXPECT_EQ(runs(100min), 100);
  EXPECT_EQ(runs(101min), 100);
  EXPECT_EQ(runs(1440min), 100);
}

TEST(Misfire, the_oldest_of_the_hundred_is_the_first_to_run) {
  EXPECT_EQ(following("* * * * *", "2026-01-01T00:00Z", "2026-01-02T00:00:30Z", Misfire::all),
            "2026-01-01T22:21:00.000Z");
}

TEST(Misfire, a_year_of_missed_seconds_is_caught_up_at_once) {
  EXPECT_EQ(following("* * * * * *", "2025-01-01T00:00Z", "2026-01-01T00:00:30Z", Misfire::latest),
            "2026-01-01T00:00:30.000Z");
  EXPECT_EQ(following("* * * * * *", "2025-01-01T00:00Z", "2026-01-01T00:02:00Z", Misfire::all),
            "2026-01-01T00:00:21.000Z");
}

TEST(Misfire, the_latest_of_unevenly_spread_slots_is_found) {
  EXPECT_EQ(
      following("0 0,1,2 1 1,7 * *", "2020-01-01T00:00Z", "2026-06-30T00:00Z", Misfire::latest),
      "2026-06-07T01:02:00.000Z");
}

TEST(Misfire, the_last_slot_of_the_calendar_is_the_latest) {
  EXPECT_EQ(following("@hourly", "9999-12-30T21:00Z", "9999-12-31T12:00Z", Misfire::latest),
            "9999-12-31T00:00:00.000Z");
  EXPECT_EQ(following("@hourly", "9999-12-30T21:00Z", "9999-12-31T12:00Z", Misfire::all),
            "9999-12-30T22:00:00.000Z");
  EXPECT_EQ(following("@hourly", "9999-12-30T21:00Z", "9999-12-31T12:00Z", Misfire::skip), "never");
}

TEST(Misfire, a_slot_that_never_comes_is_nothing_whatever_the_rule) {
  for (const Misfire misfire : every_rule)
    EXPECT_EQ(following("0 0 30 2 *", "2026-01-01T00:00Z", "2026-02-01T00:00Z", misfire), "never");
}

}  // namespace
}  // namespace errand
