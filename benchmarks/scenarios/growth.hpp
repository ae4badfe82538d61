#pragma once

#include <functional>
#include <string>

#include "scenarios/drain.hpp"

namespace errand::bench {

/// A case of growth, and the small one that it is a ratio to: both are drained in turn, in
/// databases of their own, in one run. A feature in use is one: plain jobs are the small case.
struct Growth {
  std::string name{};
  std::string note{};
  int small_jobs{0};
  int grown_jobs{0};
  Shape small_shape{};
  Shape grown_shape{};
  /// Once, before the first drain, with no errand running.
  std::function<void(BenchDatabase&)> fill{};
  /// Before each drain; what it returns is held until the drain is over.
  std::function<std::shared_ptr<void>(Stage&, ServerApp&)> meanwhile{};
  /// How many drains the grown database has before the one that counts.
  int passes_before{0};
  int grown_workers{0};  ///< 0 = as many as the small case has
  std::string outcome{"succeeded"};
};

/// Figures: small, grown, ratio; the same of their submission.
[[nodiscard]] Report play_growth(const Growth& growth,
                                 const Wishes& wishes,
                                 const std::string& folder);

}  // namespace errand::bench
