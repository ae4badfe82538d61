#pragma once

#include <string>
#include <vector>

#include "store/job_store.hpp"

namespace errand::testing {

/// The types that a test's workers know.
inline const std::vector<std::string> work_types{"work"};

/// A valid submission: type "work", queue "default", due at once.
[[nodiscard]] inline PreparedJob work_job(const std::string& tag) {
  PreparedJob job;
  job.tag = tag;
  job.type = "work";
  job.queue = "default";
  job.data = R"({"n":1})";
  return job;
}

/// The link of a cron that runs every minute.
[[nodiscard]] inline PreparedJob minutely(const std::string& tag, TimePoint slot) {
  PreparedJob link = work_job(tag);
  link.cron_schedule = "0 * * * * *";
  link.due = Due{slot};
  link.cron_slot = slot;
  return link;
}

[[nodiscard]] inline Transition success() {
  Transition transition;
  transition.result = R"({"made":1})";
  return transition;
}

[[nodiscard]] inline Transition failure(std::optional<milliseconds> retry_delay = {}) {
  Transition transition;
  transition.state = JobState::failed;
  transition.reason = "error";
  transition.result = R"({"error":"no luck"})";
  transition.retry_delay = retry_delay;
  return transition;
}

[[nodiscard]] inline Transition back_to_waiting(milliseconds delay = milliseconds{0},
                                                int crash_count = 0) {
  Transition transition;
  transition.to = Transition::To::scheduled;
  transition.state = JobState::scheduled;
  transition.delay = delay;
  transition.crash_count = crash_count;
  return transition;
}

[[nodiscard]] inline Completion completion_of(const ClaimedJob& job, Transition transition) {
  return {job.id, job.claim_seq, std::move(transition), job.process};
}

}  // namespace errand::testing
