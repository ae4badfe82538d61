#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace errand::torture {

/// Kills the making of the tables at each of its steps: the next program must finish it.
struct MigrationPlan {
  std::string database_url{};  ///< each time a new database beside it
};

void declare(CLI::App& arguments, MigrationPlan& plan);

/// Prints what it saw. False = a program could not finish what a killed one had begun.
[[nodiscard]] bool run_migration(const MigrationPlan& plan);

/// In a process of its own: migrates, and dies at the step that its environment names.
[[nodiscard]] bool is_migrator();
void prepare_to_die();

}  // namespace errand::torture
