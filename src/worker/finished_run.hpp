#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "jobs/transition.hpp"
#include "store/job_store.hpp"

namespace errand {

/// A run that ended, on its way to the database. Many wait at once, so it is small: of the job it
/// has what the database asks for.
struct FinishedRun {
  /// Of the job that ran. Keeps the whole job only where a user may be told of it, and never its
  /// payload: what it was submitted with is nobody's question now.
  [[nodiscard]] static FinishedRun of(ClaimedJob job);

  JobId id{0};
  ProcessId process{0};
  int claim_seq{0};
  bool held{false};     ///< as in `ClaimedJob`
  TimePoint started{};  ///< by the database's clock
  std::string type{};
  std::shared_ptr<const ClaimedJob> told{};  ///< what the user is told of; null = nobody is
  Transition transition{};
  std::optional<Progress> progress{};  ///< not written yet
  std::chrono::nanoseconds run_time{0};
  SteadyPoint at{};
};

}  // namespace errand
