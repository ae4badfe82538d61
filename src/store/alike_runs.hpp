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

/// `indexes` are in the order of the jobs' ids, and outlive the answer. Fewer rows than `run_min`
/// are no run: a statement has its price.
[[nodiscard]] AlikeRuns alike_runs(std::span<const Completion> completions,
                                   std::span<const std::size_t> indexes,
                                   std::size_t run_min);

}  // namespace errand::sql
