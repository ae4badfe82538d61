#include "jobs/policy_of.hpp"

#include "jobs/job_json.hpp"

namespace errand {

RetryPolicy policy_of(std::string_view retry_policy,
                      std::optional<milliseconds> auto_reschedule_delay,
                      const JobRegistry& registry,
                      std::string_view type) {
  if (auto own = retry_policy_from_text(retry_policy))
    return *std::move(own);
  if (auto_reschedule_delay)
    return RetryPolicy::always_after(*auto_reschedule_delay);
  const JobType* known = registry.find(type);
  return known == nullptr ? RetryPolicy::never() : known->options.retry;
}

}  // namespace errand
