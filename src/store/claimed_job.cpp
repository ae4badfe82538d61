#include "store/claimed_job.hpp"

#include "jobs/job_json.hpp"
#include "store/job_rows.hpp"

namespace errand {
namespace {

Json json_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : sql::json_from(text);
}

}  // namespace

Job to_job(const ClaimedJob& claimed) {
  Job job;
  job.id = claimed.id;
  job.tag = claimed.tag;
  job.type = claimed.type;
  job.user_id = claimed.user_id;
  job.data = json_or_null(claimed.data);
  job.due = claimed.due;
  job.queue = claimed.queue;
  job.priority = claimed.priority;
  job.timeout = claimed.timeout;
  job.cron_schedule = claimed.cron_schedule;
  job.timezone = claimed.timezone;
  job.persistent = claimed.persistent;
  job.meta = json_or_null(claimed.meta);
  job.state = JobState::started;
  job.attempt = claimed.attempt;
  job.max_attempts = claimed.max_attempts;
  job.started = claimed.started;
  job.rescheduled_from_job = claimed.rescheduled_from_job;
  job.root_job = claimed.root_job;
  job.crash_count = claimed.crash_count;
  job.cancel_requested = claimed.cancel_requested;
  job.created_at = claimed.created_at;
  job.updated_at = claimed.started;
  return job;
}

Job to_job(const ClaimedJob& claimed, const Transition& transition, TimePoint now) {
  Job job = to_job(claimed);
  job.updated_at = now;
  job.crash_count = transition.crash_count;
  if (transition.to == Transition::To::scheduled) {
    job.state = JobState::scheduled;
    job.started.reset();
    job.due = now + transition.delay;
    return job;
  }
  job.state = transition.state;
  job.finished = now;
  job.success = transition.state == JobState::succeeded;
  job.outcome = std::string{to_text(transition.state)};
  job.reason = transition.reason;
  Json& told = *job.success ? job.result : job.error;
  told = json_or_null(transition.result);
  return job;
}

}  // namespace errand
