#include <gtest/gtest.h>

#include "jobs/cron.hpp"
#include "jobs/cron_fields.hpp"
#include "support.hpp"

namespace errand {
namespace {

using jobs_test::refusal_of;
using testing::HasSubstr;

std::uint64_t bits(std::initializer_list<unsigned> values) {
  std::uint64_t set = 0;
  for (const unsigned value : values)
    set |= std::uint64_t{1} << value;
  return set;
}

std::uint64_t range(unsigned first, unsigned last) {
  std::uint64_t set = 0;
  for (unsigned value = first; value <= last; ++value)
    set |= std::uint64_t{1} << value;
  return set;
}

std::string message_for(std::string_view expression) {
  const auto refusal = refusal_of([&] { static_cast<void>(parse_cron_fields(expression)); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid) << expression;
  EXPECT_EQ(refusal.field, "cronSchedule") << expression;
  return refusal.message;
}

TEST(CronParse, five_fields_run_at_second_zero) {
  const CronFields fields = parse_cron_fields("5 4 3 2 1");
  EXPECT_EQ(fields.seconds, bits({0}));
  EXPECT_EQ(fields.minutes, bits({5}));
  EXPECT_EQ(fields.hours, bits({4}));
  EXPECT_EQ(fields.days, bits({3}));
  EXPECT_EQ(fields.months, bits({2}));
  EXPECT_EQ(fields.weekdays, bits({1}));
}

TEST(CronParse, six_fields_begin_with_seconds) {
  const CronFields fields = parse_cron_fields("6 5 4 3 2 1");
  EXPECT_EQ(fields.seconds, bits({6}));
  EXPECT_EQ(fields.minutes, bits({5}));
}

TEST(CronParse, a_star_is_every_value) {
  const CronFields fields = parse_cron_fields("* * * * * *");
  EXPECT_EQ(fields.seconds, range(0, 59));
  EXPECT_EQ(fields.minutes, range(0, 59));
  EXPECT_EQ(fields.hours, range(0, 23));
  EXPECT_EQ(fields.days, range(1, 31));
  EXPECT_EQ(fields.months, range(1, 12));
  EXPECT_EQ(fields.weekdays, range(0, 6));
}

TEST(CronParse, lists_ranges_and_steps_combine) {
  const CronFields fields = parse_cron_fields("0,10-14,50-59/4 */6 1-10/3,31 * *");
  EXPECT_EQ(fields.minutes, bits({0, 10, 11, 12, 13, 14, 50, 54, 58}));
  EXPECT_EQ(fields.hours, bits({0, 6, 12, 18}));
  EXPECT_EQ(fields.days, bits({1, 4, 7, 10, 31}));
}

TEST(CronParse, a_step_after_one_value_goes_on_to_the_end) {
  const CronFields fields = parse_cron_fields("5/20 0 * 10/1 1/2");
  EXPECT_EQ(fields.minutes, bits({5, 25, 45}));
  EXPECT_EQ(fields.months, bits({10, 11, 12}));
  EXPECT_EQ(fields.weekdays, bits({1, 3, 5}));
}

TEST(CronParse, names_are_read_in_any_case) {
  const CronFields fields = parse_cron_fields("0 0 * jan,Mar-MAY,dec Mon-fri");
  EXPECT_EQ(fields.months, bits({1, 3, 4, 5, 12}));
  EXPECT_EQ(fields.weekdays, range(1, 5));
}

TEST(CronParse, zero_and_seven_are_sunday) {
  EXPECT_EQ(parse_cron_fields("0 0 * * 0").weekdays, bits({0}));
  EXPECT_EQ(parse_cron_fields("0 0 * * 7").weekdays, bits({0}));
  EXPECT_EQ(parse_cron_fields("0 0 * * sun").weekdays, bits({0}));
  EXPECT_EQ(parse_cron_fields("0 0 * * 5-7").weekdays, bits({5, 6, 0}));
  EXPECT_EQ(parse_cron_fields("0 0 * * fri-sun").weekdays, bits({5, 6, 0}));
  EXPECT_EQ(parse_cron_fields("0 0 * * sun-tue").weekdays, bits({0, 1, 2}));
}

TEST(CronParse, l_is_the_last_day_of_the_month) {
  const CronFields fields = parse_cron_fields("0 0 15,L * *");
  EXPECT_TRUE(fields.last_day);
  EXPECT_EQ(fields.days, bits({15}));
}

TEST(CronParse, a_weekday_with_l_is_the_last_one_of_the_month) {
  EXPECT_EQ(parse_cron_fields("0 0 * * 5L").last_weekdays, bits({5}));
  EXPECT_EQ(parse_cron_fields("0 0 * * friL,7l").last_weekdays, bits({5, 0}));
  EXPECT_EQ(parse_cron_fields("0 0 * * 5L").weekdays, 0U);
}

TEST(CronParse, a_weekday_with_a_number_sign_is_the_nth_of_the_month) {
  const CronFields fields = parse_cron_fields("0 0 * * fri#2,mon#1,3");
  EXPECT_EQ(fields.nth_weekdays[1], bits({5}));
  EXPECT_EQ(fields.nth_weekdays[0], bits({1}));
  EXPECT_EQ(fields.weekdays, bits({3}));
}

TEST(CronParse, stars_decide_about_elapsed_time_and_restricted_days) {
  EXPECT_TRUE(parse_cron_fields("* 3 * * *").by_elapsed_time);
  EXPECT_TRUE(parse_cron_fields("0 */2 * * *").by_elapsed_time);
  EXPECT_FALSE(parse_cron_fields("* 0 3 * * *").by_elapsed_time);
  EXPECT_FALSE(parse_cron_fields("0-59 0-23 * * *").by_elapsed_time);
  EXPECT_TRUE(parse_cron_fields("0 0 */2 * 1").any_day);
  EXPECT_FALSE(parse_cron_fields("0 0 */2 * 1").any_weekday);
}

TEST(CronParse, shorthands_stand_for_six_fields) {
  EXPECT_EQ(parse_cron_fields("@hourly").hours, range(0, 23));
  EXPECT_EQ(parse_cron_fields("@daily").hours, bits({0}));
  EXPECT_EQ(parse_cron_fields("@MIDNIGHT").hours, bits({0}));
  EXPECT_EQ(parse_cron_fields("@weekly").weekdays, bits({0}));
  EXPECT_EQ(parse_cron_fields("@monthly").days, bits({1}));
  EXPECT_EQ(parse_cron_fields("@yearly").months, bits({1}));
  EXPECT_EQ(parse_cron_fields(" @annually ").months, bits({1}));
}

TEST(CronParse, blanks_and_tabs_separate_fields) {
  EXPECT_EQ(parse_cron_fields("  5\t4   3 2  1 ").minutes, bits({5}));
}

TEST(CronParse, a_refusal_names_the_field_and_the_column) {
  EXPECT_EQ(message_for("0 61 * * * *"),
            "the cron schedule \"0 61 * * * *\" is not valid: minutes, column 3: 61 is not between "
            "0 and 59");
}

struct Refused {
  std::string_view expression{};
  std::string_view place{};
  std::string_view why{};
};

TEST(CronParse, every_mistake_has_its_place_and_sentence) {
  const std::vector<Refused> mistakes{
      {"60 * * * * *", "seconds, column 1", "60 is not between 0 and 59"},
      {"0 24 * * *", "hours, column 3", "24 is not between 0 and 23"},
      {"0 0 0 * *", "day-of-month, column 5", "0 is not between 1 and 31"},
      {"0 0 32 * *", "day-of-month, column 5", "32 is not between 1 and 31"},
      {"0 0 * 13 *", "month, column 7", "13 is not between 1 and 12"},
      {"0 0 * * 8", "day-of-week, column 9", "8 is not between 0 and 7"},
      {"99999999999999999999 * * * *", "minutes, column 1", "is not between 0 and 59"},
      {"0 22-2 * * *", "hours, column 3", "runs backwards"},
      {"0 0 * * sat-mon", "day-of-week, column 9", "runs backwards"},
      {"0 0 * nov-feb *", "month, column 7", "runs backwards"},
      {"*/0 * * * *", "minutes, column 3", "a step of 0 is not between 1 and 60"},
      {"*/90 * * * *", "minutes, column 3", "a step of 90 is not between 1 and 60"},
      {"*/ * * * *", "minutes, column 3", "a step is a number"},
      {"*/x * * * *", "minutes, column 3", "a step is a number"},
      {"1,,2 * * * *", "minutes, column 3", "',' is not expected here"},
      {"1, * * * *", "minutes, column 3", "a value is missing"},
      {"1- * * * *", "minutes, column 3", "a value is missing"},
      {"-1 * * * *", "minutes, column 1", "'-' is not expected here"},
      {"1.5 * * * *", "minutes, column 2", "'.' is not expected here"},
      {"** * * * *", "minutes, column 2", "'*' is not expected here"},
      {"*-5 * * * *", "minutes, column 2", "'-' is not expected here"},
      {"1-5-9 * * * *", "minutes, column 4", "'-' is not expected here"},
      {"? * * * *", "minutes, column 1", "'?' is not expected here"},
      {"{ * * * *", "minutes, column 1", "'{' is not expected here"},
      {"0 0 * foo *", "month, column 7", "\"foo\" is not one of jan…dec"},
      {"0 0 * * monday", "day-of-week, column 9", "\"monday\" is not one of sun…sat"},
      {"five * * * *", "minutes, column 1", "is not a number"},
      {"0 0 15W * *", "day-of-month, column 7", "'W' is not expected here"},
      {"0 0 L-3 * *", "day-of-month, column 6", "'-' is not expected here"},
      {"0 0 * * L", "day-of-week, column 9", "L needs a weekday before it"},
      {"0 0 * * fri#6", "day-of-week, column 13", "1 to 5"},
      {"0 0 * * fri#", "day-of-week, column 13", "1 to 5"},
      {"0 0 * * 5#2/2", "day-of-week, column 12", "'/' is not expected here"},
      {"0 0 * * 5L-6", "day-of-week, column 11", "'-' is not expected here"}};
  for (const auto& [expression, place, why] : mistakes) {
    const std::string message = message_for(expression);
    EXPECT_THAT(message, HasSubstr(std::string{place} + ":")) << expression;
    EXPECT_THAT(message, HasSubstr(std::string{why})) << expression;
  }
}

TEST(CronParse, any_other_number_of_fields_is_refused) {
  EXPECT_THAT(message_for(""), HasSubstr("it has 0 fields"));
  EXPECT_THAT(message_for("daily"), HasSubstr("it has 1 fields"));
  EXPECT_THAT(message_for("* * * *"), HasSubstr("it has 4 fields"));
  EXPECT_THAT(message_for("0 0 0 1 1 * 2026"), HasSubstr("it has 7 fields"));
}

TEST(CronParse, an_unknown_shorthand_is_told_the_known_ones) {
  EXPECT_THAT(message_for("@reboot"), HasSubstr("@hourly @daily"));
  EXPECT_THAT(message_for("@"), HasSubstr("@hourly @daily"));
}

TEST(CronParse, an_endless_expression_is_refused_and_quoted_in_part) {
  const std::string message = message_for(std::string(100'000, '1'));
  EXPECT_THAT(message, HasSubstr("longer than 256"));
  EXPECT_LT(message.size(), 500U);
}

TEST(CronParse, bytes_that_are_no_text_do_not_reach_the_message) {
  EXPECT_THAT(message_for(std::string_view{"\xFF\0 * * * *", 10}), HasSubstr("\xEF\xBF\xBD"));
}

TEST(CronParse, an_unknown_zone_is_refused_with_advice) {
  const auto refusal = refusal_of([] { static_cast<void>(Cron::parse("@daily", "Mars/Olympus")); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid);
  EXPECT_EQ(refusal.field, "timezone");
  EXPECT_THAT(refusal.message, HasSubstr("\"Mars/Olympus\""));
  EXPECT_THAT(refusal.message, HasSubstr("Europe/Berlin"));
}

TEST(CronParse, a_path_is_no_zone) {
  for (const std::string_view name :
       {"../../etc/passwd", "/etc/localtime", "Europe", "europe/berlin"})
    EXPECT_EQ(refusal_of([&] { static_cast<void>(Cron::parse("@daily", name)); }).field,
              "timezone");
}

TEST(CronParse, random_text_is_parsed_or_refused_and_nothing_else) {
  std::uint64_t state = 42;
  const std::string_view letters = "0123456789*/-,L#@ \tmonjanfri?\xFF";
  int parsed = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (int length = 0; length < 1 + round % 12; ++length) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      text += letters[(state >> 33) % letters.size()];
    }
    try {
      static_cast<void>(parse_cron_fields(text + " * * * *"));
      ++parsed;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::invalid) << text;
    }
  }
  EXPECT_GT(parsed, 1000);
}

}  // namespace
}  // namespace errand
