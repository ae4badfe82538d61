#include "jobs/cron.hpp"

#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "support.hpp"

namespace errand {
namespace {

using jobs_test::at;

std::string next(std::string_view expression, std::string_view from, std::string_view zone = {}) {
  const auto slot = Cron::parse(expression, zone).next_after(at(from));
  return slot ? iso8601(*slot) : "never";
}

std::vector<std::string> slots(std::string_view expression, std::string_view from, int count) {
  const Cron cron = Cron::parse(expression);
  std::vector<std::string> found;
  TimePoint instant = at(from);
  for (int index = 0; index < count; ++index) {
    instant = cron.next_after(instant).value();
    found.push_back(iso8601(instant).substr(0, 10));
  }
  return found;
}

struct Step {
  std::string_view expression{};
  std::string_view from{};
  std::string_view expected{};
};

TEST(Cron, the_next_slot_in_utc_is_as_written) {
  const std::vector<Step> steps{
      {"* * * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01.000Z"},
      {"* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00.000Z"},
      {"*/15 * * * *", "2026-01-01T10:07:00Z", "2026-01-01T10:15:00.000Z"},
      {"*/15 * * * *", "2026-01-01T10:45:00Z", "2026-01-01T11:00:00.000Z"},
      {"30 9 * * *", "2026-01-01T09:30:00Z", "2026-01-02T09:30:00.000Z"},
      {"59 59 23 31 12 *", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59.000Z"},
      {"59 59 23 31 12 *", "2026-12-31T23:59:59Z", "2027-12-31T23:59:59.000Z"},
      {"0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00.000Z"},
      {"0 0 * * mon", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00.000Z"},
      {"0 0 1 jan *", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00.000Z"},
      {"10,20 5 8-10 * * *", "2026-01-01T08:05:10Z", "2026-01-01T08:05:20.000Z"},
      {"10,20 5 8-10 * * *", "2026-01-01T08:05:20Z", "2026-01-01T09:05:10.000Z"},
      {"10,20 5 8-10 * * *", "2026-01-01T10:06:00Z", "2026-01-02T08:05:10.000Z"},
      {"0 0 3 * * *", "2026-01-01T00:00:00Z", "2026-01-01T03:00:00.000Z"},
      {"@hourly", "2026-01-01T00:59:59Z", "2026-01-01T01:00:00.000Z"},
      {"@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00.000Z"},
      {"@monthly", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00.000Z"},
      {"@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z"}};
  for (const auto& [expression, from, expected] : steps)
    EXPECT_EQ(next(expression, from), expected) << expression << " after " << from;
}

TEST(Cron, a_slot_lies_strictly_after_the_instant_even_by_a_microsecond) {
  const Cron cron = Cron::parse("0 * * * *");
  const TimePoint slot = at("2026-01-01T10:00:00Z");
  EXPECT_EQ(cron.next_after(slot - std::chrono::microseconds{1}), slot);
  EXPECT_EQ(cron.next_after(slot), slot + std::chrono::hours{1});
  EXPECT_EQ(cron.next_after(slot + std::chrono::microseconds{1}), slot + std::chrono::hours{1});
}

TEST(Cron, the_last_day_of_the_month_knows_leap_years) {
  EXPECT_EQ(slots("0 0 L * *", "2027-12-31T00:00:00Z", 4),
            (std::vector<std::string>{"2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"}));
}

TEST(Cron, the_last_friday_of_the_month) {
  EXPECT_EQ(slots("0 0 * * 5L", "2026-01-01T00:00:00Z", 3),
            (std::vector<std::string>{"2026-01-30", "2026-02-27", "2026-03-27"}));
}

TEST(Cron, the_second_friday_of_the_month) {
  EXPECT_EQ(slots("0 0 * * fri#2", "2026-01-01T00:00:00Z", 3),
            (std::vector<std::string>{"2026-01-09", "2026-02-13", "2026-03-13"}));
}

TEST(Cron, a_fifth_monday_comes_only_in_months_that_have_one) {
  EXPECT_EQ(slots("0 0 * * mon#5", "2026-01-01T00:00:00Z", 3),
            (std::vector<std::string>{"2026-03-30", "2026-06-29", "2026-08-31"}));
}

TEST(Cron, day_and_weekday_both_restricted_mean_either) {
  EXPECT_EQ(slots("0 0 13 * fri", "2026-02-01T00:00:00Z", 5),
            (std::vector<std::string>{
                "2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06"}));
}

TEST(Cron, a_field_that_begins_with_a_star_is_not_restricted_so_both_must_match) {
  EXPECT_EQ(slots("0 0 */10 * mon", "2026-01-01T00:00:00Z", 3),
            (std::vector<std::string>{"2026-05-11", "2026-06-01", "2026-08-31"}));
  EXPECT_EQ(slots("0 0 13 * */5", "2026-01-01T00:00:00Z", 3),
            (std::vector<std::string>{"2026-02-13", "2026-03-13", "2026-09-13"}));
}

TEST(Cron, a_leap_day_is_found_across_a_year_that_has_none) {
  EXPECT_EQ(next("0 0 29 2 *", "2096-02-29T00:00:00Z"), "2104-02-29T00:00:00.000Z");
}

TEST(Cron, a_leap_day_on_a_given_weekday_comes_within_28_years) {
  // The day must be a leap day and a Monday: the first star makes both fields count.
  EXPECT_EQ(next("0 0 */28 2 mon", "2044-02-29T00:00:00Z"), "2049-02-01T00:00:00.000Z");
  EXPECT_EQ(next("0 0 29 2 */7", "2032-02-29T00:00:00Z"), "2060-02-29T00:00:00.000Z");
}

TEST(Cron, what_never_comes_is_never) {
  EXPECT_EQ(next("0 0 30 2 *", "2026-01-01T00:00:00Z"), "never");
  EXPECT_EQ(next("0 0 31 2,4,6,9,11 *", "2026-01-01T00:00:00Z", "Europe/Berlin"), "never");
  EXPECT_EQ(next("0 0 29 2 */7", "2097-01-01T00:00:00Z"), "never");  // 2128 is too far away
}

TEST(Cron, instants_beyond_the_calendar_have_no_slot) {
  EXPECT_FALSE(Cron::parse("* * * * *").next_after(TimePoint::max()));
  EXPECT_FALSE(Cron::parse("* * * * *", "Europe/Berlin").next_after(TimePoint::max()));
  EXPECT_TRUE(Cron::parse("* * * * *").next_after(TimePoint::min()));
  EXPECT_TRUE(Cron::parse("30 2 * * *", "Europe/Berlin").next_after(TimePoint::min()));
}

TEST(Cron, utc_has_three_names_and_needs_no_database) {
  for (const std::string_view zone : {"", "UTC", "Etc/UTC"})
    EXPECT_EQ(next("0 3 * * *", "2026-07-01T00:00:00Z", zone), "2026-07-01T03:00:00.000Z");
}

TEST(Cron, a_zone_shifts_the_slot) {
  EXPECT_EQ(next("0 0 3 * * *", "2026-01-01T12:00:00Z", "Europe/Berlin"),
            "2026-01-02T02:00:00.000Z");
  EXPECT_EQ(next("0 0 3 * * *", "2026-07-01T12:00:00Z", "Europe/Berlin"),
            "2026-07-02T01:00:00.000Z");
  EXPECT_EQ(next("0 9 * * *", "2026-01-01T00:00:00Z", "Asia/Kolkata"), "2026-01-01T03:30:00.000Z");
  EXPECT_EQ(next("0 9 * * mon", "2026-01-04T18:00:00Z", "Asia/Tokyo"), "2026-01-05T00:00:00.000Z");
}

TEST(Cron, zones_may_be_read_first_by_several_threads_at_once) {
  const Cron shared = Cron::parse("30 2 * * *", "America/New_York");
  std::vector<std::jthread> threads;
  std::array<bool, 4> agreed{};
  for (bool& agrees : agreed)
    threads.emplace_back([&agrees, &shared] {
      const Cron own = Cron::parse("30 2 * * *", "America/New_York");
      const TimePoint from = at("2026-01-01T00:00:00Z");
      agrees = own.next_after(from) == shared.next_after(from) &&
               Cron::parse("@daily", "Asia/Tokyo").next_after(from) == at("2026-01-01T15:00:00Z");
    });
  threads.clear();
  for (const bool agrees : agreed)
    EXPECT_TRUE(agrees);
}

TEST(Cron, copies_share_what_was_parsed) {
  const Cron cron = Cron::parse("0 0 * * *");
  const Cron copy = cron;
  EXPECT_EQ(copy.next_after(at("2026-01-01T00:00:00Z")),
            cron.next_after(at("2026-01-01T00:00:00Z")));
}

}  // namespace
}  // namespace errand
