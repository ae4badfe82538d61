#include "app/config_values.hpp"

#include <algorithm>

#include "base/cpu_count.hpp"
#include "base/text.hpp"

namespace errand::config_values {
namespace {

constexpr std::int64_t rss_bytes_min = 1 << 20;

bool consists_of(std::string_view text, bool (*allowed)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_queue_character(char c) {
  return is_word_character(c) || c == '.' || c == ':';
}

bool is_visible_ascii(char c) {
  return c > ' ' && c < '\x7f';
}

std::optional<std::int64_t> unit_bytes(std::string_view unit) {
  if (unit.empty())
    return 1;
  if (unit == "K")
    return std::int64_t{1} << 10;
  if (unit == "M")
    return std::int64_t{1} << 20;
  if (unit == "G")
    return std::int64_t{1} << 30;
  return std::nullopt;
}

/// "512M", or nothing. Beyond a petabyte is a slip of the hand.
std::optional<std::int64_t> byte_count(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = unit_bytes(text.substr(digits));
  if (!unit)
    return std::nullopt;
  const auto value = whole_number(text.substr(0, digits), 0, (std::int64_t{1} << 50) / *unit);
  return value ? std::optional{*value * *unit} : std::nullopt;
}

/// "mail:2": a colon is part of the name unless only digits follow it.
std::optional<QueueLimit> queue_limit(std::string_view text) {
  QueueLimit found;
  const std::size_t colon = text.rfind(':');
  const bool has_limit = colon != std::string_view::npos && colon + 1 < text.size() &&
                         text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  if (has_limit) {
    const auto limit = whole_number(text.substr(colon + 1), 1, 1024);
    if (!limit)
      return std::nullopt;
    found.limit = static_cast<int>(*limit);
    text = text.substr(0, colon);
  }
  if (text.size() > 128 || !consists_of(text, is_queue_character))
    return std::nullopt;
  found.queue = text;
  return found;
}

bool contains(const std::vector<QueueLimit>& queues, const std::string& name) {
  return std::any_of(queues.begin(), queues.end(), [&name](const QueueLimit& queue) {
    return queue.queue == name;
  });
}

}  // namespace

std::optional<bool> truth(std::string_view text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on")
    return true;
  if (text == "false" || text == "0" || text == "no" || text == "off")
    return false;
  return std::nullopt;
}

bool set_environment(Config& config, std::string_view value) {
  // It becomes part of a file's name.
  if (value.size() > 64 || !consists_of(value, is_word_character))
    return false;
  config.environment = value;
  return true;
}

bool set_database_url(Config& config, std::string_view value) {
  constexpr std::string_view sqlite = "sqlite:";
  const bool file = value.starts_with(sqlite) && value.size() > sqlite.size();
  if (!file && !value.starts_with("postgresql://") && !value.starts_with("postgres://"))
    return false;
  config.database_url = value;
  return true;
}

bool set_worker_count(Config& config, std::string_view value) {
  if (value != "cpus")
    return set_number<&Config::worker_count, 0, 1024>(config, value);
  config.worker_count = usable_cpus(affinity_cpus(), cgroup_cpus());
  return true;
}

bool set_log_format(Config& config, std::string_view value) {
  if (value != "text" && value != "json")
    return false;
  config.log_json = value == "json";
  return true;
}

bool set_host(Config& config, std::string_view value) {
  if (value.size() > 255 || !consists_of(value, is_visible_ascii))
    return false;
  config.host = value;
  return true;
}

bool set_session_key(Config& config, std::string_view value) {
  if (value.size() < 32)
    return false;
  config.session_encryption_key = value;
  return true;
}

bool set_admin_token(Config& config, std::string_view value) {
  // It travels in a header.
  if (!consists_of(value, is_visible_ascii))
    return false;
  config.admin_token = value;
  return true;
}

bool set_max_jobs(Config& config, std::string_view value) {
  if (value != "off")
    return set_number<&Config::worker_max_jobs, 1, 1'000'000'000>(config, value);
  config.worker_max_jobs = 0;
  return true;
}

bool set_max_rss(Config& config, std::string_view value) {
  const auto bytes = value == "off" ? std::int64_t{0} : byte_count(value);
  if (!bytes || (*bytes < rss_bytes_min && value != "off"))
    return false;
  config.worker_max_rss_bytes = *bytes;
  return true;
}

bool set_max_age(Config& config, std::string_view value) {
  if (value != "off")
    return set_duration<&Config::worker_max_age, 1, 365 * ms_per_day>(config, value);
  config.worker_max_age = milliseconds{0};
  return true;
}

bool set_queues(Config& config, std::string_view value) {
  std::vector<QueueLimit> queues;
  for (std::string_view rest = value; value != "all";) {
    const std::size_t comma = rest.find(',');
    const auto queue = queue_limit(trimmed(rest.substr(0, comma)));
    if (!queue || contains(queues, queue->queue))
      return false;
    queues.push_back(*queue);
    if (comma == std::string_view::npos)
      break;
    rest.remove_prefix(comma + 1);
  }
  config.worker_queues = std::move(queues);
  return true;
}

}  // namespace errand::config_values
