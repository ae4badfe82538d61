#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace errand::torture {

/// The nine cells that other PostgreSQL queues are measured by, each a campaign on a database of
/// its own in the same server.
struct CellPlan {
  std::string database_url{};
  std::string restart_command{};
  std::string only{};  ///< the name of a cell; empty = all
  std::uint64_t seed{1};
  int jobs_per_second{300};
  double warm_up_s{30};
  double baseline_s{60};
  double fault_s{60};
  double recovery_s{60};
};

void declare(CLI::App& arguments, CellPlan& plan);

/// Prints a row of a Markdown table for each cell. False = a bar was missed.
[[nodiscard]] bool run_cells(const CellPlan& plan);

}  // namespace errand::torture
