#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace errand::torture {

/// The campaign of acknowledged submissions: processes that submit are killed at any moment, and
/// the database crashes; what was acknowledged must be there.
struct AckPlan {
  std::string database_url{};
  std::string restart_command{};  ///< empty = the database does not crash
  std::uint64_t seed{1};
  std::size_t crashes{1'000};
  std::size_t acknowledged{1'000'000};
  int submitters{2};
  int threads{16};            ///< of each
  std::uint64_t bulk{1};      ///< jobs of one submission
  double database_crash{10};  ///< seconds from one to the next
};

void declare(CLI::App& arguments, AckPlan& plan);

/// Prints the table. False = something that was acknowledged is lost, or the database is damaged.
[[nodiscard]] bool run_acks(const AckPlan& plan);

/// In a process of its own: submits until it is killed. Its environment tells what and where.
[[nodiscard]] int submit_for_ever();
[[nodiscard]] bool is_submitter();

}  // namespace errand::torture
