#pragma once

#include <errand/job.hpp>
#include <string_view>

namespace errand {

/// The job object of HTTP, IPC, WebSocket and `--json` alike. camelCase,
/// ISO-8601 UTC with milliseconds.
[[nodiscard]] Json to_json(const Job& job);
[[nodiscard]] Json to_json(const Notification& notification);
[[nodiscard]] Json to_json(const WorkerInfo& worker);
[[nodiscard]] Json to_json(const CronInfo& cron);

/// A submission from JSON: `tag, type, userId, data, due (ISO-8601 or "10m"), queue, priority,
/// retry {first, factor, longest, jitter, maxAttempts; durations as "5s" or milliseconds},
/// autoRescheduleOnFailure, autoRescheduleOnFailureDelay (ms), timeout, onPendingTag, uniqueKey,
/// concurrencyKey, cronSchedule, timezone, persistent, removeDelay, meta`. Throws `Error{invalid}`
/// with the field for an unknown or ill-typed one.
[[nodiscard]] NewJob new_job_from_json(const Json& json);

[[nodiscard]] std::string_view to_text(JobState state);
/// Throws `Error{invalid}` that lists the states.
[[nodiscard]] JobState job_state_from_text(std::string_view text);

/// The `retry_policy` column: the JSON object of `retry` above. Functions cannot be stored: empty
/// text. Empty text reads as nothing, and so does text that is no policy: a row edited by hand must
/// not keep a failure from being recorded.
[[nodiscard]] std::string retry_policy_text(const RetryPolicy& policy);
[[nodiscard]] std::optional<RetryPolicy> retry_policy_from_text(std::string_view text);

}  // namespace errand
