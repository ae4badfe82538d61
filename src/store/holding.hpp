#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "store/connection_pool.hpp"
#include "store/id_runs.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// How a worker has short jobs to itself without writing their claims: by locks, where rows can be
/// locked and passed over one by one; by a note that everybody who writes honours.
enum class Holds { by_locks, by_notes };

/// How long those who hold may note the same before they are taken to stand still. A hold by locks
/// is one of some five, one after the other.
[[nodiscard]] constexpr milliseconds patience_with_holders(Holds holds) {
  return milliseconds{holds == Holds::by_locks ? 250 : 50};
}

/// From how many noted jobs on one more worker would only be in the way: docs/state_machine.md.
inline constexpr JobId busy_jobs_min = 2000;

/// The open transactions whose locks hold the jobs of workers: at most one of each process. Safe
/// from any thread.
class Holding {
 public:
  using Kept = std::unique_ptr<ConnectionPool::Kept>;

  /// What the process holds, which then holds nothing; null = nothing.
  [[nodiscard]] Kept take(ProcessId process);
  void put(ProcessId process, Kept kept);

  /// The row of the process may say that it holds jobs.
  void set_noted(ProcessId process, bool noted);
  [[nodiscard]] bool is_noted(ProcessId process) const;

  /// Since when those who are waited for have noted the same, as far as this process has seen.
  [[nodiscard]] TimePoint same_since(ProcessId process,
                                     std::span<const IdRun> noted_by_alike,
                                     TimePoint now);

 private:
  struct Seen {
    std::vector<IdRun> noted{};
    TimePoint since{};
  };

  mutable std::mutex mutex_{};
  std::map<ProcessId, Kept> kept_{};
  std::set<ProcessId> noted_{};
  std::map<ProcessId, Seen> seen_{};
};

}  // namespace errand::sql
