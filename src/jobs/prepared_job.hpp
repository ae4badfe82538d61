#pragma once

#include <errand/job.hpp>
#include <errand/job_registry.hpp>
#include <string>

namespace errand {

/// A submission that passed every rule, with the type's defaults filled in: what the store writes,
/// and nothing else. JSON is text from here on. Empty strings are stored as NULL, except `tag`,
/// `type`, `queue` and `data`.
struct PreparedJob {
  std::string tag{};
  std::string type{};
  std::int64_t user_id{0};
  std::string data{};
  Due due{};
  std::string queue{};
  int priority{0};
  std::string
      retry_policy{};   ///< jobs/job_json.hpp; empty = the type's policy at the time it fails
  int max_attempts{1};  ///< 0 = no end
  std::optional<milliseconds> auto_reschedule_delay{};  ///< `auto_reschedule_on_failure_delay`, for
                                                        ///< `RetryPolicy::always_after`
  std::optional<milliseconds> timeout{};
  OnPendingTag on_pending_tag{OnPendingTag::allow};
  std::string unique_key{};
  std::string concurrency_key{};
  std::string cron_schedule{};
  std::string timezone{};
  Misfire misfire{Misfire::latest};
  std::optional<TimePoint> cron_slot{};  ///< the slot that the first run of a cron stands for
  bool persistent{false};
  std::optional<milliseconds> remove_delay{};
  std::string meta{};
  std::string idempotency_key{};
};

/// When it is due, if it is stored at `now`.
[[nodiscard]] inline TimePoint due_of(const PreparedJob& job, TimePoint now) {
  return job.due.instant().value_or(now + job.due.delay());
}

/// Checks a submission and fills in what its type says. `now` is the database's time: a cron's
/// first slot follows it. Throws `Error{not_found}` for an unknown type, listing the known ones,
/// and `Error{invalid}` with the field otherwise. Rules: tag 1…256 bytes; queue
/// `[A-Za-z0-9_.:-]{1,128}`; payload.hpp for `data` and `meta`; `due` within 100 years; timeout and
/// delays ≥ 0; a cron's schedule and zone valid; `retry` not a function.
[[nodiscard]] PreparedJob prepare(const NewJob& job, const JobRegistry& registry, TimePoint now);

/// The link that a declared cron (`JobOptions::cron`) starts with: tag = type = the type's name.
[[nodiscard]] PreparedJob prepare_declared_cron(const JobType& type, TimePoint now);

}  // namespace errand
