#include <algorithm>
#include <errand/error.hpp>

#include "jobs/cron.hpp"
#include "jobs/job_json.hpp"
#include "jobs/payload.hpp"
#include "jobs/prepared_job.hpp"
#include "jobs/retry_rules.hpp"
#include "jobs/submission_rules.hpp"

namespace errand {
namespace {

constexpr int listed_types_max = 20;

[[noreturn]] void refuse(std::string_view field, const std::string& why) {
  throw Error{ErrorKind::invalid, std::string{field} + " " + why, std::string{field}};
}

std::string known_types(const JobRegistry& registry) {
  std::string names;
  int listed = 0;
  for (const auto& [name, type] : registry.types()) {
    if (++listed > listed_types_max)
      return names + " and " + std::to_string(registry.types().size() - listed_types_max) + " more";
    names += (names.empty() ? "" : ", ") + name;
  }
  return names.empty() ? "none is registered" : "the registered types are " + names;
}

const JobType& type_of(const NewJob& job, const JobRegistry& registry) {
  check_name(job.type, "type");
  if (const JobType* type = registry.find(job.type))
    return *type;
  throw Error{ErrorKind::not_found,
              "there is no job type \"" + job.type + "\": " + known_types(registry),
              "type"};
}

bool is_given(const Due& due) {
  return due.instant().has_value() || due.delay() != std::chrono::microseconds{0};
}

/// In whole units, because the difference of two instants may be too large for the clock's.
bool is_far(TimePoint instant, TimePoint now) {
  using std::chrono::floor;
  using std::chrono::seconds;
  const seconds distance =
      floor<seconds>(instant.time_since_epoch()) - floor<seconds>(now.time_since_epoch());
  return std::chrono::abs(distance) > time_span_max;
}

void check_due(const Due& due, TimePoint now) {
  const bool far = due.instant() ? is_far(*due.instant(), now)
                                 : due.delay() > time_span_max || due.delay() < -time_span_max;
  if (far)
    refuse("due", "lies more than 100 years away");
}

void fill_retry(PreparedJob& prepared, const NewJob& job, const JobOptions& defaults) {
  if (!job.retry) {
    prepared.max_attempts = defaults.retry.max_attempts();
    return;
  }
  if (job.retry->is_custom())
    refuse("retry", "is a function, which a row cannot hold; register it with the job's type");
  check_retry(*job.retry, "retry");
  prepared.max_attempts = job.retry->max_attempts();
  prepared.auto_reschedule_delay = constant_delay(*job.retry);
  if (!prepared.auto_reschedule_delay)
    prepared.retry_policy = retry_policy_text(*job.retry);
}

void fill_schedule(PreparedJob& prepared, const NewJob& job, TimePoint now) {
  check_due(job.due, now);
  prepared.due = job.due;
  if (job.cron_schedule.empty()) {
    if (!job.timezone.empty())
      refuse("timezone", "is given without cronSchedule; give both or neither");
    return;
  }
  prepared.cron_schedule = job.cron_schedule;
  prepared.timezone = job.timezone;
  const Cron cron = Cron::parse(job.cron_schedule, job.timezone);
  if (is_given(job.due)) {
    prepared.cron_slot = job.due.instant().value_or(now + job.due.delay());
    return;
  }
  prepared.cron_slot = cron.next_after(now);
  if (!prepared.cron_slot)
    refuse("cronSchedule", "\"" + job.cron_schedule + "\" never comes within 28 years");
  prepared.due = *prepared.cron_slot;
}

void fill_texts(PreparedJob& prepared, const NewJob& job) {
  check_name(job.tag, "tag");
  check_key(job.unique_key, "uniqueKey");
  check_key(job.concurrency_key, "concurrencyKey");
  if (!job.meta.is_null() && !job.meta.is_object())
    refuse("meta", "is not an object");
  prepared.tag = job.tag;
  prepared.type = job.type;
  prepared.unique_key = job.unique_key;
  prepared.concurrency_key = job.concurrency_key;
  prepared.data = payload_text(job.data, "data");
  if (!job.meta.is_null())
    prepared.meta = payload_text(job.meta, "meta");
}

PreparedJob prepare_for(const NewJob& job, const JobOptions& defaults, TimePoint now) {
  PreparedJob prepared;
  fill_texts(prepared, job);
  fill_retry(prepared, job, defaults);
  fill_schedule(prepared, job, now);
  prepared.user_id = job.user_id;
  prepared.queue = job.queue.value_or(defaults.queue);
  check_queue(prepared.queue, "queue");
  prepared.priority = job.priority.value_or(defaults.priority);
  prepared.timeout = job.timeout ? job.timeout : defaults.timeout;
  check_span(prepared.timeout, "timeout");
  prepared.remove_delay = job.remove_delay ? job.remove_delay : defaults.remove_delay;
  check_span(prepared.remove_delay, "removeDelay");
  prepared.on_pending_tag = job.on_pending_tag;
  prepared.misfire = defaults.misfire;
  prepared.persistent = job.persistent || defaults.persistent;
  return prepared;
}

}  // namespace

PreparedJob prepare(const NewJob& job, const JobRegistry& registry, TimePoint now) {
  return prepare_for(job, type_of(job, registry).options, now);
}

PreparedJob prepare_declared_cron(const JobType& type, TimePoint now) {
  NewJob link;
  link.tag = type.name;
  link.type = type.name;
  link.cron_schedule = type.options.cron;
  link.timezone = type.options.timezone;
  return prepare_for(link, type.options, now);
}

}  // namespace errand
