// errand-torture: tries to break the promise, then says whether it held. The same binary is the
// driver, the nodes and their workers.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "campaign.hpp"
#include "torture_jobs.hpp"

namespace {

using errand::torture::Bars;
using errand::torture::CampaignOptions;

constexpr std::int64_t second_us = 1'000'000;

struct Seconds {
  double run{60};
  double calm_before{0};
  double calm_after{0};
  double worker_kill{0};
  double worker_take{0};
  double nodes_safe_after{0};
  double node_kill{0};
  double node_freeze{0};
  double freeze_for{90};
  double database_restart{0};
  double drain{300};
};

std::int64_t us(double seconds) {
  return static_cast<std::int64_t>(seconds * second_us);
}

void declare_work(CLI::App& arguments, CampaignOptions& options) {
  arguments
      .add_option("--database",
                  options.database_url,
                  "sqlite:PATH or postgresql://…; tables are made in it")
      ->required();
  arguments.add_option("--seed", options.seed, "the same seed, the same faults");
  arguments.add_option("--nodes", options.nodes, "1 on SQLite")->check(CLI::Range(1, 64));
  arguments.add_option("--workers", options.workers, "of each node")->check(CLI::Range(1, 64));
  arguments.add_option("--threads", options.threads, "of each worker")->check(CLI::Range(1, 64));
  arguments.add_option(
      "--rate", options.producers.jobs_per_second, "submissions a second, 0 = all that goes");
  arguments.add_option(
      "--jobs", options.producers.jobs_total, "submissions in all, 0 = until the time is over");
  arguments.add_option("--producers", options.producers.threads, "submitting threads")
      ->check(CLI::Range(1, 256));
  arguments.add_option("--bulk", options.producers.bulk, "jobs of one submission")
      ->check(CLI::Range(1, 10'000));
  arguments.add_option("--slow-every",
                       options.producers.mix.slow_every,
                       "so many jobs, one takes 200 ms; 0 = none does");
  arguments.add_option("--crash-every",
                       options.producers.mix.crash_every,
                       "so many jobs, one ends its worker; 0 = none does");
  arguments.add_flag("--crons", options.crons, "ten crons with a run each second");
}

void declare_faults(CLI::App& arguments, CampaignOptions& options, Seconds& seconds) {
  arguments.add_option("--calm-before", seconds.calm_before, "seconds of work before any fault");
  arguments.add_option("--seconds", seconds.run, "how long to submit and attack");
  arguments.add_option("--calm-after", seconds.calm_after, "seconds of work after the last fault");
  arguments.add_option("--drain-seconds", seconds.drain, "how long the rest may take");
  arguments.add_option("--kill-worker-every", seconds.worker_kill, "seconds, 0 = never");
  arguments.add_option("--take-worker-every",
                       seconds.worker_take,
                       "seconds, 0 = never; it is taken for dead while it lives");
  arguments.add_option("--kill-node-every", seconds.node_kill, "seconds, 0 = never");
  arguments.add_option("--freeze-node-every", seconds.node_freeze, "seconds, 0 = never");
  arguments.add_option("--freeze-for", seconds.freeze_for, "seconds; the lease is 30");
  arguments.add_option("--nodes-safe-after",
                       seconds.nodes_safe_after,
                       "seconds after which no node is killed or frozen any more, 0 = never");
  arguments.add_option("--restart-database-every", seconds.database_restart, "seconds, 0 = never");
  arguments.add_option("--restart-command", options.nemesis.database_restart, "what restarts it");
}

void declare_bars(CLI::App& arguments, Bars& bars) {
  arguments.add_option("--at-least-rows", bars.rows);
  arguments.add_option("--at-least-faults", bars.faults);
  arguments.add_option("--at-least-refused", bars.stale_rejected, "completions refused as stale");
  arguments.add_option("--at-least-repeated", bars.duplicated_with_cause, "runs, with cause");
  arguments.add_option("--at-least-slots", bars.cron_slots, "of crons");
  arguments.add_option("--worker-rescue-ms", bars.child_rescue_p99_ms, "the p99, at most");
  arguments.add_option("--node-rescue-ms", bars.node_rescue_longest_ms, "the longest, at most");
  arguments.add_option("--at-least-percent",
                       bars.recovered_percent,
                       "of the rate before the faults, from 10 s after them");
  arguments.add_flag("--no-exits", bars.no_exits, "no process may end");
  arguments.add_flag("--frozen-are-replaced",
                     bars.frozen_workers_replaced,
                     "every worker that was frozen has another in its place");
}

void take(CampaignOptions& options, const Seconds& seconds) {
  options.duration_us = us(seconds.run);
  options.drain_limit_us = us(seconds.drain);
  options.calm_before_us = us(seconds.calm_before);
  options.calm_after_us = us(seconds.calm_after);
  options.nemesis.worker_kill_us = us(seconds.worker_kill);
  options.nemesis.worker_take_us = us(seconds.worker_take);
  options.nemesis.nodes_safe_after_us = us(seconds.nodes_safe_after);
  options.nemesis.node_kill_us = us(seconds.node_kill);
  options.nemesis.node_freeze_us = us(seconds.node_freeze);
  options.nemesis.freeze_for_us = us(seconds.freeze_for);
  options.nemesis.database_restart_us = us(seconds.database_restart);
}

std::filesystem::path make_folder(const std::string& keep) {
  if (!keep.empty()) {
    std::filesystem::create_directories(keep);
    return std::filesystem::absolute(keep);
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "errand-torture-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"cannot make a folder for the history"};
  return pattern;
}

int drive(int argc, char** argv) {
  CampaignOptions options;
  Seconds seconds;
  std::string keep;
  CLI::App arguments{"Tries to break errand's promise, and says whether it held", "errand-torture"};
  Bars bars;
  declare_work(arguments, options);
  declare_faults(arguments, options, seconds);
  declare_bars(arguments, bars);
  arguments.add_option("--history", keep, "a folder to keep the history in");
  try {
    arguments.parse(argc, argv);
  } catch (const CLI::ParseError& refusal) {
    return arguments.exit(refusal);
  }
  take(options, seconds);
  const std::filesystem::path folder = make_folder(keep);
  std::cout << "seed " << options.seed << std::endl;
  const auto report = errand::torture::run_campaign(options, folder);
  std::cout << errand::torture::text_of(report, bars);
  const bool clean = errand::torture::shortcomings(report, bars).empty();
  if (keep.empty() && clean)
    std::filesystem::remove_all(folder);
  else
    std::cout << "the history is in " << folder.string() << "\n";
  return clean ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
  if (std::getenv("TORTURE_HISTORY") != nullptr)
    return errand::main(argc, argv, errand::torture::torture_types());
  try {
    return drive(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "errand-torture: " << failure.what() << "\n";
    return EXIT_FAILURE;
  }
}
