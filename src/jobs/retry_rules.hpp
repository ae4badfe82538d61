#pragma once

#include <errand/job.hpp>
#include <optional>
#include <string_view>

namespace errand {

inline constexpr milliseconds retry_delay_max{std::chrono::hours{24 * 30}};

/// Throws `Error{invalid}` with `field` for back-off parameters that make no sense: a negative
/// duration, a factor below 1, a jitter outside 0…1, negative attempts.
void check_retry(const RetryPolicy& policy, std::string_view field);

/// The delay of `RetryPolicy::always_after`, or nothing for any other policy.
[[nodiscard]] std::optional<milliseconds> constant_delay(const RetryPolicy& policy);

/// `{first, factor, longest, jitter, maxAttempts}`, each optional, durations as "5s" or
/// milliseconds. Throws `Error{invalid}` with the field ("retry.factor") otherwise.
[[nodiscard]] RetryPolicy retry_from_json(const Json& json, std::string_view field);

}  // namespace errand
