#include "jobs/submission_rules.hpp"

#include <algorithm>
#include <errand/error.hpp>

#include "jobs/cron.hpp"
#include "jobs/payload.hpp"
#include "jobs/retry_rules.hpp"

namespace errand {
namespace {

[[noreturn]] void refuse(std::string_view field, const std::string& why) {
  throw Error{ErrorKind::invalid, std::string{field} + " " + why, std::string{field}};
}

bool is_queue_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_' || letter == '.' || letter == ':' ||
         letter == '-';
}

void check_options(const JobOptions& options) {
  check_queue(options.queue, "queue");
  check_span(options.timeout, "timeout");
  check_span(options.remove_delay, "removeDelay");
  check_retry(options.retry, "retry");
  if (!options.cron.empty())
    static_cast<void>(Cron::parse(options.cron, options.timezone));
  else if (!options.timezone.empty())
    refuse("timezone", "is given without a cron schedule; give both or neither");
}

}  // namespace

void check_name(std::string_view name, std::string_view field) {
  if (name.empty())
    refuse(field, "is missing; give 1 to " + std::to_string(name_bytes_max) + " bytes of text");
  check_key(name, field);
}

void check_key(std::string_view key, std::string_view field) {
  if (key.size() > name_bytes_max)
    refuse(field,
           "has " + std::to_string(key.size()) + " bytes; at most " +
               std::to_string(name_bytes_max) + " are allowed");
  if (!is_storable_text(key))
    refuse(field, "is not text in UTF-8 without NUL");
}

void check_queue(std::string_view queue, std::string_view field) {
  if (queue.empty() || queue.size() > queue_bytes_max ||
      !std::all_of(queue.begin(), queue.end(), is_queue_letter))
    refuse(field,
           "\"" + sanitise_text(queue, queue_bytes_max) + "\" is not 1 to " +
               std::to_string(queue_bytes_max) + " letters, digits or _ . : -");
}

void check_span(std::optional<milliseconds> span, std::string_view field) {
  if (span && (*span < milliseconds{0} || *span > time_span_max))
    refuse(field, "of " + std::to_string(span->count()) + " ms is not between 0 and 100 years");
}

void check_type(const JobType& type) {
  check_name(type.name, "type");
  try {
    if (!type.handler)
      refuse("handler", "is empty; give a function");
    check_options(type.options);
  } catch (const Error& error) {
    throw Error{error.kind(),
                "cannot add the job type \"" + type.name + "\": " + error.what(),
                error.field()};
  }
}

}  // namespace errand
