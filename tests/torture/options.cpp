#include "options.hpp"

#include <fmt/format.h>

namespace errand::torture {
namespace {

std::int64_t us(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e6);
}

}  // namespace

CampaignArguments::CampaignArguments(CLI::App& arguments) {
  declare_work(arguments);
  declare_faults(arguments);
  declare_bars(arguments);
}

void CampaignArguments::declare_work(CLI::App& arguments) {
  arguments
      .add_option("--database",
                  options_.database_url,
                  "sqlite:PATH or postgresql://…; tables are made in it")
      ->required();
  arguments.add_option("--seed", options_.seed, "the same seed, the same faults");
  arguments.add_option("--nodes", options_.nodes, "1 on SQLite")->check(CLI::Range(1, 64));
  arguments.add_option("--workers", options_.workers, "of each node")->check(CLI::Range(1, 64));
  arguments.add_option("--threads", options_.threads, "of each worker")->check(CLI::Range(1, 64));
  arguments.add_option(
      "--rate", options_.producers.jobs_per_second, "submissions a second, 0 = all that goes");
  arguments.add_option(
      "--jobs", options_.producers.jobs_total, "acknowledged jobs in all, 0 = until the time is over");
  arguments.add_option("--producers", options_.producers.threads, "submitting threads")
      ->check(CLI::Range(1, 256));
  arguments.add_option("--bulk", options_.producers.bulk, "jobs of one submission")
      ->check(CLI::Range(1, 10'000));
  arguments.add_option("--slow-every",
                       options_.producers.mix.slow_every,
                       "so many jobs, one takes 200 ms; 0 = none does");
  arguments.add_option("--crash-every",
                       options_.producers.mix.crash_every,
                       "so many jobs, one ends its worker; 0 = none does");
  arguments.add_flag("--crons", options_.crons, "ten crons with a run each second");
}

void CampaignArguments::declare_faults(CLI::App& arguments) {
  arguments.add_option("--calm-before", seconds_.calm_before, "seconds of work before any fault");
  arguments.add_option("--seconds", seconds_.run, "how long to submit and attack");
  arguments.add_option("--calm-after", seconds_.calm_after, "seconds of work after the last fault");
  arguments.add_option("--drain-seconds", seconds_.drain, "how long the rest may take");
  for (const auto& [kind, name, help] : errand::torture::fault_names())
    arguments.add_option(fmt::format("--{}-every", name), seconds_.every[kind], help)
        ->type_name("SECONDS");
  arguments.add_option("--freeze-for", seconds_.freeze_for, "seconds; the lease is 30");
  arguments.add_option(
      "--hold-for", seconds_.hold_for, "seconds that every other fault lasts that has a duration");
  arguments.add_option("--nodes-safe-after",
                       seconds_.nodes_safe_after,
                       "seconds after which no node is killed or frozen any more, 0 = never");
  arguments.add_option("--restart-command", options_.restart_command, "what restarts it");
}

void CampaignArguments::declare_bars(CLI::App& arguments) {
  arguments.add_option("--at-least-rows", bars_.rows);
  arguments.add_option("--at-least-faults", bars_.faults);
  arguments.add_option("--at-least-refused", bars_.stale_rejected, "completions refused as stale");
  arguments.add_option("--at-least-repeated", bars_.duplicated_with_cause, "runs, with cause");
  arguments.add_option("--at-least-slots", bars_.cron_slots, "of crons");
  arguments.add_option("--worker-rescue-ms", bars_.child_rescue_p99_ms, "the p99, at most");
  arguments.add_option("--node-rescue-ms", bars_.node_rescue_longest_ms, "the longest, at most");
  arguments.add_option("--at-least-percent",
                       bars_.recovered_percent,
                       "of the rate before the faults, from 10 s after them");
  arguments.add_flag("--no-exits", bars_.no_exits, "no process may end");
  arguments.add_flag("--frozen-are-replaced",
                     bars_.frozen_workers_replaced,
                     "every worker that was frozen has another in its place");
}

CampaignOptions CampaignArguments::options() const {
  CampaignOptions options = options_;
  options.duration_us = us(seconds_.run);
  options.drain_limit_us = us(seconds_.drain);
  options.calm_before_us = us(seconds_.calm_before);
  options.calm_after_us = us(seconds_.calm_after);
  options.nemesis.nodes_safe_after_us = us(seconds_.nodes_safe_after);
  options.freeze_for_us = us(seconds_.freeze_for);
  options.hold_for_us = us(seconds_.hold_for);
  for (const auto& [kind, every] : seconds_.every)
    if (every > 0)
      options.nemesis.every_us[kind] = us(every);
  return options;
}

}  // namespace errand::torture
