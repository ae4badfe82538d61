#pragma once

#include <errand/errand.hpp>
#include <string>
#include <vector>

#include "measure.hpp"

namespace errand::bench {

/// One line of the report.
struct Row {
  std::string what{};
  std::string figure{};
  std::string note{};
};

/// The job types of the benchmark: `noop`, and `stamp`, which returns how long ago it was
/// submitted.
[[nodiscard]] JobRegistry benchmark_types();

/// All scenarios on a started application with two workers, each repeated `runs` times.
[[nodiscard]] std::vector<Row> run_scenarios(ServerApp& app, int runs);

}  // namespace errand::bench
