#pragma once

#include "store/job_store.hpp"

namespace errand {

/// The public row of a job that a worker holds: started, unfinished.
[[nodiscard]] Job to_job(const ClaimedJob& claimed);

/// The same row after `transition` was recorded at `now`: what a `job_finished` event tells.
/// Retries and cron links are other rows.
[[nodiscard]] Job to_job(const ClaimedJob& claimed, const Transition& transition, TimePoint now);

}  // namespace errand
