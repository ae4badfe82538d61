#pragma once

#include <string>
#include <vector>

#include "common/report.hpp"
#include "scenarios/stage.hpp"

namespace errand::bench {

/// A scenario's name, and what plays it: as many runs as wished, in databases of its own that it
/// makes in `folder`.
struct Scenario {
  std::string name{};
  Report (*play)(const Wishes& wishes, const std::string& folder){nullptr};
};

[[nodiscard]] std::vector<Scenario> submission_scenarios();
[[nodiscard]] std::vector<Scenario> drain_scenarios();
[[nodiscard]] std::vector<Scenario> latency_scenarios();
[[nodiscard]] std::vector<Scenario> idle_scenarios();
[[nodiscard]] std::vector<Scenario> fan_out_scenarios();
[[nodiscard]] std::vector<Scenario> growth_scenarios();
[[nodiscard]] std::vector<Scenario> feature_scenarios();

}  // namespace errand::bench
