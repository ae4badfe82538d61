#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/database.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// The ids as `worker_processes.held_jobs` has them: JSON, the first and the last id of every run
/// of consecutive ones, `[[1,1000],[1500,1500]]`.
[[nodiscard]] std::string held_note(std::span<const ClaimedJob> jobs);

/// Notes in the process's row what it holds by locks, or that it holds nothing. False when the
/// process is dead.
bool note_held(Connection& connection, ProcessId process, const std::string& note);
void note_nothing_held(Connection& connection, ProcessId process);

/// Those of the jobs that another live process has noted as its own: it has lost the locks, and
/// comes back. To be asked while the jobs are locked: what was noted before a lock was lost is seen
/// then.
[[nodiscard]] std::vector<JobId> held_by_others(Connection& connection,
                                                ProcessId process,
                                                std::span<const ClaimedJob> jobs);

}  // namespace errand::sql
