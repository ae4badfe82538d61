#pragma once

#include <errand/job_registry.hpp>
#include <optional>
#include <string_view>

namespace errand {

/// The retry policy that rules a row: the one it carries, else the columns
/// `auto_reschedule_on_failure…`, else its type's, else `never`.
[[nodiscard]] RetryPolicy policy_of(std::string_view retry_policy,
                                    std::optional<milliseconds> auto_reschedule_delay,
                                    const JobRegistry& registry,
                                    std::string_view type);

}  // namespace errand
