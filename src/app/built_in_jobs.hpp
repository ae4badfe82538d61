#pragma once

#include <errand/job_registry.hpp>
#include <functional>

#include "store/job_store.hpp"

namespace errand {

inline constexpr const char* remove_old_type = "removeOldWorkerJobs";

/// Adds `removeOldWorkerJobs`, hourly, unless the host registered a type of that name. `store` is
/// asked for when the job runs.
void add_built_in_jobs(JobRegistry& registry, std::function<JobStore&()> store);

}  // namespace errand
