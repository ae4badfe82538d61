// errand-torture: tries to break the promise, then says whether it held. The same binary is the
// driver, the nodes and their workers, and the processes that only submit.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "acks.hpp"
#include "ambush.hpp"
#include "cells.hpp"
#include "history_folder.hpp"
#include "migration.hpp"
#include "options.hpp"
#include "torture_jobs.hpp"

namespace {

using namespace errand::torture;

/// The campaign that the options describe.
bool play(const CampaignOptions& options, const Bars& bars, const std::string& keep) {
  HistoryFolder folder{keep};
  std::cout << "seed " << options.seed << std::endl;
  const Report report = run_campaign(options, folder.path());
  const bool clean = shortcomings(report, bars).empty();
  folder.keep(!clean);
  std::cout << text_of(report, bars);
  if (folder.kept())
    std::cout << "the history is in " << folder.path().string() << "\n";
  return clean;
}

int drive(int argc, char** argv) {
  CLI::App arguments{"Tries to break errand's promise, and says whether it held", "errand-torture"};
  arguments.require_subcommand(1);
  CLI::App& run = *arguments.add_subcommand("run", "work under the faults that are asked for");
  CampaignArguments campaign{run};
  std::string keep;
  run.add_option("--history", keep, "a folder to keep the history in");
  CLI::App& cells = *arguments.add_subcommand(
      "cells", "the nine scenarios that other PostgreSQL queues are measured by");
  CellPlan cell_plan;
  declare(cells, cell_plan);
  CLI::App& acks = *arguments.add_subcommand(
      "acks", "kills those who submit, and the database: is what was acknowledged there?");
  AckPlan ack_plan;
  declare(acks, ack_plan);
  CLI::App& migration = *arguments.add_subcommand(
      "migration", "kills the making of the tables at each step: does the next program finish it?");
  MigrationPlan migration_plan;
  declare(migration, migration_plan);
  try {
    arguments.parse(argc, argv);
  } catch (const CLI::ParseError& refusal) {
    return arguments.exit(refusal);
  }
  const bool clean = cells.parsed()       ? run_cells(cell_plan)
                     : acks.parsed()      ? run_acks(ack_plan)
                     : migration.parsed() ? run_migration(migration_plan)
                                          : play(campaign.options(), campaign.bars(), keep);
  return clean ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (is_submitter())
      return submit_for_ever();
    if (is_migrator()) {
      prepare_to_die();
      return errand::main(argc, argv, torture_types());
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    if (const char* folder = std::getenv("TORTURE_HISTORY")) {
      begin_life();
      walk_into_ambushes(folder);
      return errand::main(argc, argv, torture_types());
    }
    return drive(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "errand-torture: " << failure.what() << "\n";
    return EXIT_FAILURE;
  }
}
