#include "base/time_text.hpp"

#include <stdlib.h>
#include <time.h>

#include <gtest/gtest.h>

namespace errand {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

TimePoint at(std::int64_t microseconds) {
  return TimePoint{std::chrono::microseconds{microseconds}};
}

struct KnownInstant {
  std::string_view text{};
  std::int64_t microseconds{0};
};

constexpr KnownInstant known_instants[]{
    {"1970-01-01T00:00:00.000Z", 0},
    {"1969-12-31T23:59:59.999Z", -1'000},
    {"2026-01-29T05:08:33.934Z", 1'769'663'313'934'000},
    {"2000-02-29T12:00:00.000Z", 951'825'600'000'000},
    {"2038-01-19T03:14:08.000Z", 2'147'483'648'000'000},
    {"9999-12-31T23:59:59.999Z", 253'402'300'799'999'000},
    {"0001-01-01T00:00:00.000Z", -62'135'596'800'000'000},
};

TEST(Iso8601, writes_known_instants) {
  for (const KnownInstant& known : known_instants)
    EXPECT_EQ(iso8601(at(known.microseconds)), known.text);
}

TEST(Iso8601, reads_back_what_it_writes) {
  for (const KnownInstant& known : known_instants)
    EXPECT_EQ(parse_iso8601(known.text), at(known.microseconds)) << known.text;
}

TEST(Iso8601, cuts_microseconds_downwards_before_and_after_1970) {
  EXPECT_EQ(iso8601(at(1'999)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(iso8601(at(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Iso8601, does_not_depend_on_the_time_zone_of_the_process) {
  const char* before = ::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TZ", "Asia/Kathmandu", 1);
  ::tzset();
  EXPECT_EQ(iso8601(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(parse_iso8601("1970-01-01T00:00Z"), at(0));
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST(Iso8601, reads_the_shorter_and_the_longer_forms) {
  const TimePoint five = at(1'769'662'800'000'000);  // 2026-01-29T05:00Z
  EXPECT_EQ(parse_iso8601("2026-01-29T05:00Z"), five);
  EXPECT_EQ(parse_iso8601("2026-01-29 05:00:00Z"), five);
  EXPECT_EQ(parse_iso8601("2026-01-29T05:00:00.5Z"), five + 500ms);
  EXPECT_EQ(parse_iso8601("2026-01-29T05:00:00.000001Z"), five + 1us);
  EXPECT_EQ(parse_iso8601("2026-01-29T05:00:00.0000019Z"), five + 1us);
  EXPECT_EQ(parse_iso8601("2026-01-29T06:30+01:30"), five);
  EXPECT_EQ(parse_iso8601("2026-01-28T23:15:00-05:45"), five);
}

TEST(Iso8601, refuses_what_is_not_an_instant) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-01-29",
                                      "2026-01-29T05:00",
                                      "2026-01-29T05Z",
                                      "2026-1-29T05:00Z",
                                      "2026-02-29T05:00Z",
                                      "2026-04-31T05:00Z",
                                      "1900-02-29T05:00Z",
                                      "2026-13-01T05:00Z",
                                      "2026-00-01T05:00Z",
                                      "2026-01-00T05:00Z",
                                      "2026-01-29T24:00Z",
                                      "2026-01-29T05:60Z",
                                      "2026-01-29T05:00:60Z",
                                      "2026-01-29T05:00:00.Z",
                                      "2026-01-29T05:00:00,5Z",
                                      "2026-01-29t05:00Z",
                                      "2026-01-29T05:00z",
                                      "2026-01-29T05:00Zx",
                                      " 2026-01-29T05:00Z",
                                      "2026-01-29T05:00+0100",
                                      "2026-01-29T05:00+24:00",
                                      "2026-01-29T05:00+01:60",
                                      "+2026-01-29T05:00Z",
                                      "20260129T050000Z"})
    EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
}

TEST(Durations, read_every_unit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("1500"), 1500ms);
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("007s"), 7s);
}

TEST(Durations, refuse_anything_else) {
  for (const std::string_view text : {"",
                                      "s",
                                      "-5s",
                                      "+5s",
                                      "1.5s",
                                      "5 s",
                                      " 5s",
                                      "5s ",
                                      "5S",
                                      "5w",
                                      "5m30s",
                                      "1e3",
                                      "0x10",
                                      "5min"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Durations, refuse_what_does_not_fit_instead_of_wrapping_around) {
  EXPECT_EQ(parse_duration("9223372036854775807"), milliseconds{9'223'372'036'854'775'807});
  EXPECT_EQ(parse_duration("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_duration("106751991167d"), milliseconds{106'751'991'167 * 86'400'000});
  EXPECT_EQ(parse_duration("106751991168d"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999999d"), std::nullopt);
}

TEST(Durations, are_written_in_the_largest_unit_that_is_exact) {
  EXPECT_EQ(duration_text(90'000ms), "90s");
  EXPECT_EQ(duration_text(60s), "1m");
  EXPECT_EQ(duration_text(24h), "1d");
  EXPECT_EQ(duration_text(25h), "25h");
  EXPECT_EQ(duration_text(1'001ms), "1001ms");
  EXPECT_EQ(duration_text(0ms), "0s");
  EXPECT_EQ(duration_text(-1500ms), "-1500ms");
}

TEST(Durations, survive_being_written_and_read) {
  for (const milliseconds duration :
       {0ms, 1ms, 999ms, 1'000ms, 61'000ms, 3'600'000ms, 86'400'001ms})
    EXPECT_EQ(parse_duration(duration_text(duration)), duration);
}

}  // namespace
}  // namespace errand
