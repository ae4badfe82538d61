#include "jobs/job_json.hpp"

#include <array>
#include <errand/error.hpp>
#include <utility>

#include "base/time_text.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

using StateName = std::pair<JobState, std::string_view>;

constexpr std::array<StateName, 5> state_names{{{JobState::scheduled, "scheduled"},
                                                {JobState::started, "started"},
                                                {JobState::succeeded, "succeeded"},
                                                {JobState::failed, "failed"},
                                                {JobState::cancelled, "cancelled"}}};

Json time(TimePoint instant) {
  return iso8601(instant);
}

Json time(const std::optional<TimePoint>& instant) {
  return instant ? time(*instant) : Json(nullptr);
}

template <typename T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json count_or_null(const std::optional<milliseconds>& duration) {
  return duration ? Json(duration->count()) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json progress_or_null(const std::optional<Progress>& progress) {
  if (!progress)
    return nullptr;
  return {{"done", progress->done}, {"note", progress->note}};
}

void add_submission(Json& json, const Job& job) {
  json["tag"] = job.tag;
  json["type"] = job.type;
  json["userId"] = job.user_id;
  json["queue"] = job.queue;
  json["priority"] = job.priority;
  json["data"] = job.data;
  json["due"] = time(job.due);
  json["timeout"] = count_or_null(job.timeout);
  json["uniqueKey"] = text_or_null(job.unique_key);
  json["concurrencyKey"] = text_or_null(job.concurrency_key);
  json["cronSchedule"] = text_or_null(job.cron_schedule);
  json["timezone"] = text_or_null(job.timezone);
  json["persistent"] = job.persistent;
  json["removeDelay"] = count_or_null(job.remove_delay);
  json["meta"] = job.meta;
}

void add_fate(Json& json, const Job& job) {
  json["state"] = to_text(job.state);
  json["attempt"] = job.attempt;
  json["maxAttempts"] = job.max_attempts;
  json["started"] = time(job.started);
  json["finished"] = time(job.finished);
  json["success"] = value_or_null(job.success);
  json["outcome"] = text_or_null(job.outcome);
  json["reason"] = text_or_null(job.reason);
  json["result"] = job.result;
  json["error"] = job.error;
  json["progress"] = progress_or_null(job.progress);
  json["worker"] = value_or_null(job.worker);
  json["rescheduledFromJob"] = value_or_null(job.rescheduled_from_job);
  json["rootJob"] = value_or_null(job.root_job);
  json["crashCount"] = job.crash_count;
  json["cancelRequested"] = job.cancel_requested;
  json["removeAt"] = time(job.remove_at);
  json["createdAt"] = time(job.created_at);
  json["updatedAt"] = time(job.updated_at);
}

}  // namespace

Json to_json(const Job& job) {
  Json json{{"id", job.id}};
  add_submission(json, job);
  add_fate(json, job);
  return json;
}

Json to_json(const Notification& notification) {
  return {{"id", notification.id},
          {"userId", notification.user_id},
          {"data", notification.data},
          {"createdAt", time(notification.created_at)},
          {"read", notification.read}};
}

Json to_json(const WorkerInfo& worker) {
  Json running = Json::array();
  for (const Job& job : worker.running)
    running.push_back(to_json(job));
  return {{"id", worker.id},
          {"node", worker.node},
          {"hostname", worker.hostname},
          {"slot", worker.slot},
          {"pid", worker.pid},
          {"started", time(worker.started)},
          {"beat", time(worker.beat)},
          {"ended", time(worker.ended)},
          {"endNote", text_or_null(worker.end_note)},
          {"rssBytes", worker.rss_bytes},
          {"running", std::move(running)}};
}

Json to_json(const CronInfo& cron) {
  return {{"tag", cron.tag},
          {"type", cron.type},
          {"schedule", cron.schedule},
          {"timezone", text_or_null(cron.timezone)},
          {"nextJob", value_or_null(cron.next_job)},
          {"nextDue", time(cron.next_due)},
          {"lastFinished", time(cron.last_finished)},
          {"lastSuccess", value_or_null(cron.last_success)}};
}

std::string_view to_text(JobState state) {
  for (const auto& [known, name] : state_names)
    if (known == state)
      return name;
  throw Error{ErrorKind::bug, "a job has a state that has no name; report it"};
}

JobState job_state_from_text(std::string_view text) {
  std::string names;
  for (const auto& [state, name] : state_names) {
    if (name == text)
      return state;
    names += (names.empty() ? "" : ", ") + std::string{name};
  }
  throw Error{ErrorKind::invalid,
              "\"" + sanitise_text(text, 64) + "\" is not a state; the states are " + names,
              "state"};
}

}  // namespace errand
