#pragma once

#include <errand/job_registry.hpp>
#include <functional>

#include "worker/active_run.hpp"

namespace errand {

/// What a run needs of its process. The references outlive every run.
struct RunTools {
  ServerApp& app;
  const JobRegistry& registry;
  JobStore& store;
  Database& database;
  const Clock& clock;
  Log log;
  /// A handler reported progress. Called on the handler's thread.
  std::function<void(ActiveRun&, const Progress&)> on_progress{};
  /// A handler is about to complete its job in a transaction of its own. On the handler's thread.
  std::function<void()> on_complete_in{};
};

/// Calls the handler of the job and turns what it returns or throws into a result. Throws nothing.
[[nodiscard]] RunResult run_job(ActiveRun& run, const RunTools& tools);

/// What the result of a run that ended at `now` means for the row.
[[nodiscard]] Transition decide_run(const ClaimedJob& job,
                                    const RunResult& result,
                                    const JobRegistry& registry,
                                    SteadyPoint now,
                                    double random);

/// How long a run of this job may take: its own timeout, or its type's.
[[nodiscard]] std::optional<milliseconds> timeout_of(const ClaimedJob& job,
                                                     const JobRegistry& registry);

}  // namespace errand
