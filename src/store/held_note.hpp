#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/database.hpp"
#include "store/id_runs.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// Notes in the process's row (`worker_processes.held_jobs`, JSON: `[[1,1000],[1500,1500]]`) which
/// jobs it holds, or that it holds none. False when the process is dead.
bool note_held(Connection& connection, ProcessId process, std::span<const IdRun> jobs);
void note_nothing_held(Connection& connection, ProcessId process);

/// What other live processes have noted, in order and apart. They overlap while one process is
/// about to find that another holds a job.
[[nodiscard]] std::vector<IdRun> noted_by_others(Connection& connection, ProcessId process);
/// Of these, what workers of the same types and queues have noted: whatever this one would take,
/// they come to.
[[nodiscard]] std::vector<IdRun> noted_by_alike(Connection& connection, ProcessId process);
/// The same for `held_by_others` among other statements; in no order.
[[nodiscard]] Batch asks_noted(ProcessId process, std::vector<IdRun>& runs);

/// Those of the jobs that another live process has noted as its own: it has lost the locks, and
/// comes back. The notes are to be read while the jobs are locked: what was noted before a lock was
/// lost is seen then.
[[nodiscard]] std::vector<JobId> ids_among(std::vector<IdRun> noted,
                                           std::span<const ClaimedJob> jobs);

[[nodiscard]] std::vector<IdRun> runs_of(std::span<const ClaimedJob> jobs);

/// Every claim reads all notes: a longer one costs more than the claims it saves.
[[nodiscard]] bool is_short(std::span<const IdRun> note);

/// So many held jobs that their holders write all the time that there is: docs/state_machine.md.
[[nodiscard]] bool keeps_busy(std::span<const IdRun> note, JobId jobs_min);

/// Where notes hold, at the end of a hold: what the process has noted, whose claims somebody else
/// has written since and which it does not run, waits again.
void put_back_let_go(Connection& connection,
                     ProcessId process,
                     std::span<const HeldJob> running_on,
                     TimePoint now);

/// What ran when its process died becomes a claim of that process, but for what others have claimed
/// or hold by then.
void write_claims_of_dead(Connection& connection, ProcessId process, std::span<const HeldJob> ran);

/// Where notes hold: notes the jobs, or writes their claims where the note would be long.
void hold_by_note(Connection& connection, ProcessId process, std::vector<ClaimedJob>& claimed);

}  // namespace errand::sql
