#pragma once

#include <errand/clock.hpp>
#include <errand/worker_manager.hpp>

#include "cli/invocation.hpp"
#include "cli/terminal.hpp"

/// The commands that need no more than a WorkerManager. Each returns the exit code; what it cannot
/// do for its one job it throws as `Error`.
namespace errand::cli {

[[nodiscard]] int submit(const Terminal& terminal,
                         WorkerManager& manager,
                         const SubmitArguments& arguments);

[[nodiscard]] int list_jobs(const Terminal& terminal,
                            WorkerManager& manager,
                            const JobFilter& filter);

[[nodiscard]] int show_job(const Terminal& terminal, WorkerManager& manager, JobId id);

/// retry, cancel, delete. With ids, a job that refuses costs a line and exit 1, and the others are
/// done; with `--all`, jobs that have moved on meanwhile are counted and that is all.
[[nodiscard]] int change_jobs(const Terminal& terminal,
                              WorkerManager& manager,
                              const Invocation& invocation);

[[nodiscard]] int list_workers(const Terminal& terminal, WorkerManager& manager);

[[nodiscard]] int list_crons(const Terminal& terminal, WorkerManager& manager);

[[nodiscard]] int next_runs(const Terminal& terminal,
                            const CronNextArguments& arguments,
                            TimePoint now);

}  // namespace errand::cli
