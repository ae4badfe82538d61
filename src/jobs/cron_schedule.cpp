// Finds local times that match: whole months and days are skipped by looking at sets of bits.
#include <bit>

#include "jobs/cron_fields.hpp"

namespace errand {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::year_month;

constexpr std::uint64_t every_weekday = 0b111'1111;

bool has(std::uint64_t set, unsigned value) {
  return ((set >> value) & 1U) != 0;
}

/// The smallest member that is at least `from`, which is less than 64; 64 when there is none.
unsigned first_from(std::uint64_t set, unsigned from) {
  const std::uint64_t rest = set >> from;
  return rest == 0 ? 64 : from + static_cast<unsigned>(std::countr_zero(rest));
}

unsigned length_of(year_month month) {
  return static_cast<unsigned>((month / std::chrono::last).day());
}

/// Weekday (Sunday is 0) of the first of the month.
unsigned first_weekday_of(year_month month) {
  return std::chrono::weekday{local_days{month / 1}}.c_encoding();
}

bool weekday_matches(const CronFields& fields, unsigned weekday, unsigned day, unsigned length) {
  return has(fields.weekdays, weekday) || has(fields.nth_weekdays.at((day - 1) / 7), weekday) ||
         (day + 7 > length && has(fields.last_weekdays, weekday));
}

std::uint64_t days_by_weekday(const CronFields& fields, year_month month, unsigned length) {
  const unsigned first = first_weekday_of(month);
  std::uint64_t set = 0;
  for (unsigned day = 1; day <= length; ++day)
    if (weekday_matches(fields, (first + day - 1) % 7, day, length))
      set |= std::uint64_t{1} << day;
  return set;
}

/// The days of a month that match, as bits 1…31.
std::uint64_t days_of(const CronFields& fields, year_month month) {
  const unsigned length = length_of(month);
  const std::uint64_t whole_month = (std::uint64_t{2} << length) - 2;
  std::uint64_t by_day = fields.days & whole_month;
  if (fields.last_day)
    by_day |= std::uint64_t{1} << length;
  if (fields.any_weekday && fields.weekdays == every_weekday)
    return by_day;
  const std::uint64_t by_weekday = days_by_weekday(fields, month, length);
  const bool either = !fields.any_day && !fields.any_weekday;
  return either ? by_day | by_weekday : by_day & by_weekday;
}

/// The first matching time of a day, at or after `from`.
std::optional<seconds> time_in_day(const CronFields& fields, seconds from) {
  const std::chrono::hh_mm_ss start{from};
  const auto start_hour = static_cast<unsigned>(start.hours().count());
  const auto start_minute = static_cast<unsigned>(start.minutes().count());
  const auto start_second = static_cast<unsigned>(start.seconds().count());
  const auto time = [](unsigned hour, unsigned minute, unsigned second) {
    return std::chrono::hours{hour} + std::chrono::minutes{minute} + seconds{second};
  };
  const unsigned first_minute = first_from(fields.minutes, 0);
  const unsigned first_second = first_from(fields.seconds, 0);
  if (has(fields.hours, start_hour)) {
    if (has(fields.minutes, start_minute))
      if (const unsigned second = first_from(fields.seconds, start_second); second < 60)
        return time(start_hour, start_minute, second);
    if (const unsigned minute = first_from(fields.minutes, start_minute + 1); minute < 60)
      return time(start_hour, minute, first_second);
  }
  if (const unsigned hour = first_from(fields.hours, start_hour + 1); hour < 24)
    return time(hour, first_minute, first_second);
  return std::nullopt;
}

/// Looks through the month of `from`; on the first day from its time of day on.
std::optional<local_seconds> match_in_month(const CronFields& fields, local_seconds from) {
  const local_days today = std::chrono::floor<days>(from);
  const std::chrono::year_month_day date{today};
  const year_month month{date.year(), date.month()};
  if (!has(fields.months, static_cast<unsigned>(date.month())))
    return std::nullopt;
  const std::uint64_t matching = days_of(fields, month);
  const auto day = static_cast<unsigned>(date.day());
  if (has(matching, day))
    if (const auto time = time_in_day(fields, from - today))
      return today + *time;
  const unsigned later = first_from(matching, day + 1);
  if (later >= 64)
    return std::nullopt;
  return local_days{month / std::chrono::day{later}} + *time_in_day(fields, seconds{0});
}

local_seconds start_of_next_month(local_seconds from) {
  const std::chrono::year_month_day date{std::chrono::floor<days>(from)};
  const year_month next = year_month{date.year(), date.month()} + std::chrono::months{1};
  return local_days{next / 1};
}

}  // namespace

std::optional<local_seconds> first_match(const CronFields& fields,
                                         local_seconds from,
                                         local_seconds until) {
  while (from < until) {
    if (const auto match = match_in_month(fields, from))
      return *match < until ? match : std::nullopt;
    from = start_of_next_month(from);
  }
  return std::nullopt;
}

}  // namespace errand
