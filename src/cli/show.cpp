#include "cli/show.hpp"

#include <fmt/format.h>
#include <ostream>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/terminal.hpp"

namespace errand::cli {

void print_json(const Terminal& terminal, const Json& json) {
  terminal.out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::string shown_time(std::optional<TimePoint> instant) {
  if (!instant)
    return "-";
  std::string text = iso8601(*instant);
  text.resize(text.find('.'));
  text.at(text.find('T')) = ' ';
  return text;
}

std::string shown_lines(std::string_view message) {
  std::string text;
  while (true) {
    const std::size_t end = message.find('\n');
    append_escaped(text, message.substr(0, end), Escape::line);
    if (end == std::string_view::npos)
      return text;
    text += '\n';
    message.remove_prefix(end + 1);
  }
}

std::string shown_bytes(std::int64_t bytes) {
  constexpr std::int64_t kibi = 1024;
  if (bytes < kibi)
    return fmt::format("{} B", bytes);
  if (bytes < kibi * kibi)
    return fmt::format("{} KiB", bytes / kibi);
  return fmt::format("{} MiB", bytes / kibi / kibi);
}

std::string shown_attempt(const Job& job) {
  return job.max_attempts == 0 ? std::to_string(job.attempt)
                               : fmt::format("{} of {}", job.attempt, job.max_attempts);
}

std::string shown_error(const Job& job) {
  if (job.error.is_object()) {
    const auto sentence = job.error.find("error");
    if (sentence != job.error.end() && sentence->is_string())
      return sentence->get<std::string>();
  }
  return job.reason;
}

}  // namespace errand::cli
