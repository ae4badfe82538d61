#include <array>
#include <errand/error.hpp>
#include <limits>
#include <utility>

#include "base/time_text.hpp"
#include "jobs/job_json.hpp"
#include "jobs/json_fields.hpp"
#include "jobs/retry_rules.hpp"

namespace errand {
namespace {

constexpr std::array<std::string_view, 19> job_fields{"tag",
                                                      "type",
                                                      "userId",
                                                      "data",
                                                      "due",
                                                      "queue",
                                                      "priority",
                                                      "retry",
                                                      "autoRescheduleOnFailure",
                                                      "autoRescheduleOnFailureDelay",
                                                      "timeout",
                                                      "onPendingTag",
                                                      "uniqueKey",
                                                      "concurrencyKey",
                                                      "cronSchedule",
                                                      "timezone",
                                                      "persistent",
                                                      "removeDelay",
                                                      "meta"};

constexpr std::array<std::pair<std::string_view, OnPendingTag>, 3> pending_tag_names{
    {{"allow", OnPendingTag::allow},
     {"replace", OnPendingTag::replace},
     {"keep", OnPendingTag::keep}}};

constexpr milliseconds reschedule_delay_default{std::chrono::seconds{1}};

Due read_due(const JsonFields& fields) {
  const std::string text = fields.text("due");
  if (text.empty())
    return {};
  if (const auto delay = parse_duration(text))
    return *delay;
  if (const auto instant = parse_iso8601(text))
    return *instant;
  fields.refuse("due", "is an instant such as \"2026-01-29T05:08:33Z\" or a delay such as \"10m\"");
}

OnPendingTag read_on_pending_tag(const JsonFields& fields) {
  const std::string text = fields.text("onPendingTag");
  if (text.empty())
    return OnPendingTag::allow;
  for (const auto& [name, meaning] : pending_tag_names)
    if (name == text)
      return meaning;
  fields.refuse("onPendingTag", "is one of allow, replace, keep");
}

std::optional<RetryPolicy> read_retry(const JsonFields& fields) {
  const Json* retry = fields.find("retry");
  const auto delay = fields.duration("autoRescheduleOnFailureDelay");
  if (!fields.flag("autoRescheduleOnFailure"))
    return retry == nullptr ? std::nullopt : std::optional{retry_from_json(*retry, "retry")};
  if (retry != nullptr)
    fields.refuse("retry", "and autoRescheduleOnFailure exclude each other; give one of them");
  return RetryPolicy::always_after(delay.value_or(reschedule_delay_default));
}

Json read_meta(const JsonFields& fields) {
  const Json* meta = fields.find("meta");
  return meta == nullptr ? Json(nullptr) : Json(*meta);
}

Json read_data(const JsonFields& fields) {
  const Json* data = fields.find("data");
  return data == nullptr ? Json::object() : Json(*data);
}

}  // namespace

NewJob new_job_from_json(const Json& json) {
  const JsonFields fields{json, "", job_fields};
  NewJob job;
  job.tag = fields.text("tag");
  job.type = fields.text("type");
  job.user_id = fields.integer("userId", std::int64_t{1} << 53).value_or(0);
  job.data = read_data(fields);
  job.due = read_due(fields);
  if (fields.find("queue") != nullptr)
    job.queue = fields.text("queue");
  if (const auto priority = fields.integer("priority", std::numeric_limits<int>::max()))
    job.priority = static_cast<int>(*priority);
  job.retry = read_retry(fields);
  job.timeout = fields.duration("timeout");
  job.on_pending_tag = read_on_pending_tag(fields);
  job.unique_key = fields.text("uniqueKey");
  job.concurrency_key = fields.text("concurrencyKey");
  job.cron_schedule = fields.text("cronSchedule");
  job.timezone = fields.text("timezone");
  job.persistent = fields.flag("persistent");
  job.remove_delay = fields.duration("removeDelay");
  job.meta = read_meta(fields);
  return job;
}

}  // namespace errand
