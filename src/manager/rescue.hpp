#pragma once

#include <errand/job_registry.hpp>
#include <vector>

#include "base/random.hpp"
#include "manager/supervisor.hpp"
#include "store/job_store.hpp"

namespace errand {

/// What became of a job whose worker died: its row, and why.
struct RescuedJob {
  Job job{};
  RunEnd end{RunEnd::released};
  bool recorded{false};  ///< false: it was no longer that worker's, and nothing was written
};

/// Takes the jobs of dead workers from them. Every call throws `Error{unavailable}`: the worker's
/// row may then be dead with claims left, which `Maintenance` finds.
class Rescue {
 public:
  /// Both outlive it.
  Rescue(JobStore& store, const JobRegistry& registry) : store_{store}, registry_{registry} {}

  /// The jobs that ran are blamed, unless the worker was killed for one that passed its deadline,
  /// which then alone is; the rest goes back unblamed. So do all when the worker left because it
  /// had been declared dead.
  [[nodiscard]] std::vector<RescuedJob> after(const ChildDeath& death, Random& random);

  /// Of a process that is dead already: all go back unblamed, for nobody saw what it ran.
  [[nodiscard]] std::vector<RescuedJob> release_claims(ProcessId process);

 private:
  void write_claims_of_held(const ChildDeath& death);
  [[nodiscard]] std::vector<RescuedJob> take_claims(const ChildDeath& death, double random);

  JobStore& store_;
  const JobRegistry& registry_;
};

}  // namespace errand
