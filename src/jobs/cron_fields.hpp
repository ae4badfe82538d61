#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace errand {

/// What a cron expression says, as sets of bits. A bit's number is the value it stands for.
struct CronFields {
  std::uint64_t seconds{1};
  std::uint64_t minutes{0};
  std::uint64_t hours{0};
  std::uint64_t days{0};      ///< of the month, 1…31
  std::uint64_t months{0};    ///< 1…12
  std::uint64_t weekdays{0};  ///< 0…6, Sunday is 0
  bool last_day{false};
  std::uint64_t last_weekdays{0};               ///< weekdays whose last one of the month is meant
  std::array<std::uint64_t, 5> nth_weekdays{};  ///< [0]: weekdays whose first one is meant
  bool any_day{false};                          ///< the day-of-month field begins with `*`
  bool any_weekday{false};                      ///< the day-of-week field begins with `*`
  bool by_elapsed_time{false};                  ///< the minutes or hours field begins with `*`
};

/// Throws `Error{invalid, …, "cronSchedule"}` naming the field and the column.
[[nodiscard]] CronFields parse_cron_fields(std::string_view expression);

/// The first local time in [from, until) that the fields match.
[[nodiscard]] std::optional<std::chrono::local_seconds> first_match(
    const CronFields& fields, std::chrono::local_seconds from, std::chrono::local_seconds until);

}  // namespace errand
