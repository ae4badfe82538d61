#pragma once

#include <span>
#include <vector>

#include "store/job_store.hpp"

namespace errand::sql {

/// Completions by their indexes: those of consecutive jobs that end alike, and the others.
struct AlikeRuns {
  std::vector<std::span<const std::size_t>> runs{};
  std::vector<std::size_t> rest{};
};

/// Completions by their indexes: those that end alike whatever their ids, and the others.
struct AlikeSets {
  std::vector<std::vector<std::size_t>> sets{};
  std::vector<std::size_t> rest{};
};

/// `indexes` are in the order of the jobs' ids, and outlive the answer. Fewer rows than `run_min`
/// are no run: a statement has its price.
[[nodiscard]] AlikeRuns alike_runs(std::span<const Completion> completions,
                                   std::span<const std::size_t> indexes,
                                   std::size_t run_min);

/// The same for sets of at least `set_min`. All stay in the order of `indexes`. It looks for a few
/// sets only: where results differ, there are as many as jobs.
[[nodiscard]] AlikeSets alike_sets(std::span<const Completion> completions,
                                   std::span<const std::size_t> indexes,
                                   std::size_t set_min);

}  // namespace errand::sql
