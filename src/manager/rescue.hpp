#pragma once

#include <errand/job_registry.hpp>
#include <string>
#include <vector>

#include "manager/supervisor.hpp"
#include "store/job_store.hpp"

namespace errand {

/// What became of a job whose worker died.
struct RescuedJob {
  ClaimedJob job{};
  RunEnd end{RunEnd::released};
  Transition transition{};
  bool recorded{false};  ///< false: it was no longer that worker's, and nothing was written
};

/// Takes the jobs of a dead worker from it: those that ran are blamed, unless the worker was killed
/// for one that passed its deadline, which then alone is; the rest goes back unblamed. `random` is
/// uniform in [0, 1). Throws `Error{unavailable}`: the worker's row may then be dead with claims
/// left, which `Maintenance` finds.
[[nodiscard]] std::vector<RescuedJob> rescue(const ChildDeath& death,
                                             JobStore& store,
                                             const JobRegistry& registry,
                                             double random);

/// Gives back all jobs of a process that is dead already, unblamed: nobody saw what it ran.
[[nodiscard]] std::vector<RescuedJob> release_claims(ProcessId process,
                                                     JobStore& store,
                                                     const JobRegistry& registry);

}  // namespace errand
