#include "cells.hpp"

#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iostream>
#include <string_view>

#include "campaign.hpp"
#include "history_folder.hpp"
#include "sessions.hpp"

namespace errand::torture {
namespace {

constexpr double second_us = 1e6;

struct Cell {
  std::string_view name{};
  int bar_percent{98};
  /// Of awa, absurd, oban, pg-boss, procrastinate, river, pgque and pgmq, as the comparison
  /// hardbyte/postgresql-job-queue-benchmarking published them in May 2026.
  std::array<std::string_view, 8> published{};
  void (*set_up)(CampaignOptions& options){nullptr};
};

/// Some times in the phase, and at least once.
void some_times(CampaignOptions& options, FaultKind kind) {
  options.nemesis.every_us[kind] = options.duration_us / 4;
}

/// From its beginning to its end.
void throughout(CampaignOptions& options, FaultKind kind) {
  options.nemesis.every_us[kind] = static_cast<std::int64_t>(second_us / 10);
  options.hold_for_us = options.duration_us;
}

const std::array<Cell, 9>& cells() {
  using enum FaultKind;
  static const std::array<Cell, 9> all{{
      {"postgres_restart",
       98,
       {"100", "0", "0", "exit", "0", "101", "100", "0"},
       [](CampaignOptions& options) {
         some_times(options, restart_database);
       }},
      {"pg_backend_kill",
       98,
       {"100", "0", "100", "exit", "0", "101", "100", "0"},
       [](CampaignOptions& options) {
         options.nemesis.every_us[kill_backends] = static_cast<std::int64_t>(second_us / 2);
       }},
      {"pool_exhaustion",
       98,
       {"100", "87", "86", "96", "99", "100", "100", "100"},
       [](CampaignOptions& options) {
         throughout(options, exhaust_pool);
       }},
      {"crash_recovery",
       98,
       {"98", "103", "98", "117", "73", "121", "98", "74"},
       [](CampaignOptions& options) {
         options.nemesis.every_us[kill_node] = options.duration_us * 2 / 3;
       }},
      {"repeated_kills",
       98,
       {"99", "112", "88", "99", "18", "109", "72", "26"},
       [](CampaignOptions& options) {
         options.nemesis.every_us[kill_node] = options.duration_us / 3;
         options.duration_us *= 2;
       }},
      {"idle_in_tx",
       95,
       {"75", "t/o", "96", "t/o", "t/o", "t/o", "100", "t/o"},
       [](CampaignOptions& options) {
         throughout(options, pin_snapshot);
       }},
      {"sustained_high_load",
       98,
       {"73", "71", "102", "136", "94", "140", "100", "150"},
       [](CampaignOptions& options) {
         options.surge = {.threads = 4,
                          .jobs_per_second = options.producers.jobs_per_second * 4,
                          .bulk = 10,
                          .mix = options.producers.mix};
       }},
      {"active_readers",
       95,
       {"71", "74", "98", "101", "63", "100", "100", "39"},
       [](CampaignOptions& options) {
         throughout(options, read_snapshots);
       }},
      {"event_burst",
       95,
       {"80", "t/o", "100", "t/o", "t/o", "t/o", "100", "t/o"},
       [](CampaignOptions& options) {
         options.surge = {.threads = 4,
                          .jobs_per_second = 0,
                          .jobs_total = 20'000,
                          .bulk = 500,
                          .mix = options.producers.mix};
       }},
  }};
  return all;
}

constexpr std::string_view head =
    "| scenario | awa | absurd | oban | pg-boss | procrastinate | river | pgque | pgmq | errand | "
    "bar |\n|---|---|---|---|---|---|---|---|---|---|---|\n";

CampaignOptions options_of(const CellPlan& plan) {
  CampaignOptions options;
  options.seed = plan.seed;
  options.restart_command = plan.restart_command;
  options.nodes = 2;
  options.workers = 2;
  options.threads = 4;
  options.warm_up_us = static_cast<std::int64_t>(plan.warm_up_s * second_us);
  options.calm_before_us =
      static_cast<std::int64_t>((plan.warm_up_s + plan.baseline_s) * second_us);
  options.duration_us = static_cast<std::int64_t>(plan.fault_s * second_us);
  options.calm_after_us = static_cast<std::int64_t>(plan.recovery_s * second_us);
  options.recovery_skipped_us = 0;
  options.producers = {.threads = 8,
                       .jobs_per_second = plan.jobs_per_second,
                       .mix = {.slow_every = 100, .crash_every = 0}};
  return options;
}

bool run_cell(const Cell& cell, const CellPlan& plan) {
  const std::string name = fmt::format("torture_{}", cell.name);
  PostgresSession{plan.database_url}.run("CREATE DATABASE " + name);
  CampaignOptions options = options_of(plan);
  options.database_url = PostgresAddress{plan.database_url}.to_database(name);
  cell.set_up(options);
  const Bars bars{.faults = options.surge ? 0U : 1U,
                  .recovered_percent = static_cast<double>(cell.bar_percent)};
  HistoryFolder folder{""};
  const Report report = run_campaign(options, folder.path());
  const bool clean = shortcomings(report, bars).empty();
  folder.keep(!clean);
  std::cout << fmt::format("| {} | {} | **{:.1f}** | {} |\n",
                           cell.name,
                           fmt::join(cell.published, " | "),
                           report.rates.recovered_percent(),
                           cell.bar_percent)
            << std::flush;
  std::cerr << fmt::format("{}, its history in {}:\n{}\n",
                           cell.name,
                           clean ? "a folder that is gone" : folder.path().string(),
                           text_of(report, bars));
  PostgresSession{plan.database_url}.run("DROP DATABASE " + name + " WITH (FORCE)");
  return clean;
}

}  // namespace

void declare(CLI::App& arguments, CellPlan& plan) {
  arguments.add_option("--database", plan.database_url, "postgresql://USER@HOST:PORT/NAME")
      ->required();
  arguments.add_option("--restart-command", plan.restart_command, "restarts it as after a crash")
      ->required();
  arguments.add_option("--seed", plan.seed, "the same seed, the same faults");
  arguments.add_option("--only", plan.only, "the name of one cell");
  arguments.add_option("--rate", plan.jobs_per_second, "submissions a second")
      ->check(CLI::Range(1, 100'000));
  arguments.add_option("--warm-up", plan.warm_up_s, "seconds");
  arguments.add_option("--baseline", plan.baseline_s, "seconds");
  arguments.add_option("--fault", plan.fault_s, "seconds");
  arguments.add_option("--recovery", plan.recovery_s, "seconds");
}

bool run_cells(const CellPlan& plan) {
  bool all_reached = true;
  bool any = false;
  std::cout << head << std::flush;
  for (const Cell& cell : cells()) {
    if (!plan.only.empty() && plan.only != cell.name)
      continue;
    any = true;
    all_reached &= run_cell(cell, plan);
  }
  if (!any)
    throw Error{ErrorKind::invalid, "there is no cell called " + plan.only};
  return all_reached;
}

}  // namespace errand::torture
