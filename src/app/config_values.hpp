#pragma once

#include <charconv>
#include <errand/config.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log_sinks.hpp"
#include "base/time_text.hpp"

/// How the text of one variable becomes a field of Config: the setters of the table. Each returns
/// false, with the field as it was, for a value that is not allowed.
namespace errand::config_values {

inline constexpr std::int64_t ms_per_hour = 3'600'000;
inline constexpr std::int64_t ms_per_day = 24 * ms_per_hour;

/// Digits only, from `least` to `most`.
[[nodiscard]] inline std::optional<std::int64_t> whole_number(std::string_view text,
                                                              std::int64_t least,
                                                              std::int64_t most) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || stop != end || text.starts_with('-') || value < least ||
      value > most)
    return std::nullopt;
  return value;
}

template <auto field, std::int64_t least, std::int64_t most>
bool set_number(Config& config, std::string_view value) {
  const auto number = whole_number(value, least, most);
  if (number)
    config.*field = static_cast<int>(*number);
  return number.has_value();
}

template <auto field, std::int64_t least_ms, std::int64_t most_ms>
bool set_duration(Config& config, std::string_view value) {
  const auto duration = parse_duration(value);
  if (!duration || duration->count() < least_ms || duration->count() > most_ms)
    return false;
  config.*field = *duration;
  return true;
}

template <auto field>
bool set_level(Config& config, std::string_view value) {
  const auto level = log_level_from_text(value);
  if (level)
    config.*field = *level;
  return level.has_value();
}

/// true false 1 0 yes no on off.
[[nodiscard]] std::optional<bool> truth(std::string_view text);

template <auto field>
bool set_flag(Config& config, std::string_view value) {
  const auto flag = truth(value);
  if (flag)
    config.*field = *flag;
  return flag.has_value();
}

bool set_environment(Config& config, std::string_view value);
bool set_database_url(Config& config, std::string_view value);
bool set_worker_count(Config& config, std::string_view value);
bool set_log_format(Config& config, std::string_view value);
bool set_host(Config& config, std::string_view value);
bool set_session_key(Config& config, std::string_view value);
bool set_admin_token(Config& config, std::string_view value);
bool set_max_jobs(Config& config, std::string_view value);
bool set_max_rss(Config& config, std::string_view value);
bool set_max_age(Config& config, std::string_view value);
bool set_queues(Config& config, std::string_view value);

}  // namespace errand::config_values
