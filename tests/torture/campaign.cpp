#include "campaign.hpp"

#include <fmt/format.h>
#include <iostream>

#include "pause.hpp"
#include "torture_jobs.hpp"

namespace errand::torture {
namespace {

constexpr std::int64_t second_us = 1'000'000;

bool is_sqlite(const CampaignOptions& options) {
  return options.database_url.starts_with("sqlite:");
}

std::map<std::string, std::string> node_environment(const CampaignOptions& options,
                                                    const std::filesystem::path& folder) {
  std::map<std::string, std::string> environment{
      {"DATABASE_URL", options.database_url},
      {"WORKER_COUNT", std::to_string(options.workers)},
      {"WORKER_CONCURRENCY", std::to_string(options.threads)},
      {"WEB_ENABLED", "false"},
      {"LOG_LEVEL", "error"},
      {"WORKER_LOG_LEVEL", "error"},
      {"SHUTDOWN_GRACE", "10s"},
      {"TORTURE_HISTORY", folder.string()}};
  if (options.crons)
    environment["TORTURE_CRONS"] = "1";
  return environment;
}

Config client_config(const CampaignOptions& options) {
  Config config;
  config.database_url = options.database_url;
  config.log_level = LogLevel::error;
  return config;
}

class Campaign {
 public:
  Campaign(const CampaignOptions& options, const std::filesystem::path& folder)
      : options_{options},
        folder_{folder},
        history_{folder, "driver"},
        app_{client_config(options), torture_types()},
        fleet_{node_environment(options, folder), history_} {}

  [[nodiscard]] Report run() {
    app_.database().with_transaction([](Transaction& tx) { tx.execute("SELECT 1"); });
    fleet_.start(options_.nodes);
    produce_under_attack();
    drain();
    report_.nodes_that_did_not_end_well = fleet_.stop_all();
    report_.findings = check(read_history(folder_), final_rows());
    return report_;
  }

 private:
  void produce_under_attack() {
    Nemesis nemesis{fleet_, history_, options_.nemesis, options_.seed};
    Producers producers{app_, history_, options_.producers};
    const std::int64_t begin = now_us();
    const std::int64_t end = begin + options_.duration_us;
    const std::atomic<bool> never{false};
    while (now_us() < end)
      pause_until(std::min(end, nemesis.step(now_us())), never);
    producers.stop();
    nemesis.heal();
    report_.produced_for_s = seconds_since(begin);
    report_.answered = producers.answered();
    report_.unanswered = producers.unanswered();
  }

  void drain() {
    const std::int64_t begin = now_us();
    const std::atomic<bool> never{false};
    while (now_us() - begin < options_.drain_limit_us && !report_.drained) {
      pause_until(now_us() + second_us / 5, never);
      report_.drained = unfinished() == 0;
    }
    report_.drained_in_s = seconds_since(begin);
  }

  /// A cron always has a run ahead; one that is due is work like any other.
  [[nodiscard]] std::int64_t unfinished() {
    const std::string now = is_sqlite(options_)
                                ? "(julianday('now') - 2440587.5) * 86400000000 - 2000000"
                                : "now() - interval '2 seconds'";
    return app_.database().with_transaction([&](Transaction& tx) {
      return tx
          .query(
              "SELECT count(*) FROM worker_jobs WHERE finished IS NULL AND type IN ('work', "
              "'crash') "
              "OR finished IS NULL AND due < " +
              now + " AND type LIKE 'cron_'")
          .get<std::int64_t>(0, 0);
    });
  }

  [[nodiscard]] std::vector<FinalRow> final_rows() {
    const bool sqlite = is_sqlite(options_);
    const std::string slot = sqlite
                                 ? "coalesce(cron_slot, 0)"
                                 : "coalesce((extract(epoch FROM cron_slot) * 1000000)::bigint, 0)";
    const std::string run = sqlite ? "result ->> '$.run'" : "result ->> 'run'";
    const SqlRows rows = app_.database().with_transaction([&](Transaction& tx) {
      return tx.query(
          "SELECT id, coalesce(root_job, id), CASE WHEN finished IS NULL THEN 0 ELSE 1 END, "
          "CASE WHEN success THEN 1 ELSE 0 END, coalesce(" +
          run +
          ", ''), "
          "CASE WHEN type LIKE 'cron_' THEN tag ELSE '' END, " +
          slot + " FROM worker_jobs WHERE type IN ('work', 'crash') OR type LIKE 'cron_'");
    });
    std::vector<FinalRow> all;
    for (std::size_t row = 0; row < rows.size(); ++row)
      all.push_back({rows.get<std::int64_t>(row, 0),
                     rows.get<std::int64_t>(row, 1),
                     rows.get<std::int64_t>(row, 2) != 0,
                     rows.get<std::int64_t>(row, 3) != 0,
                     rows.get<std::string>(row, 4),
                     rows.get<std::string>(row, 5),
                     rows.get<std::int64_t>(row, 6)});
    return all;
  }

  [[nodiscard]] static double seconds_since(std::int64_t begin) {
    return static_cast<double>(now_us() - begin) / second_us;
  }

  const CampaignOptions& options_;
  std::filesystem::path folder_;
  HistoryFile history_;
  ServerApp app_;
  Fleet fleet_;
  Report report_{};
};

}  // namespace

Report run_campaign(const CampaignOptions& options, const std::filesystem::path& folder) {
  return Campaign{options, folder}.run();
}

std::string text_of(const Report& report) {
  return table(report.findings) + fmt::format(
                                      "submitted for {:.0f} s: {} answered ({:.0f}/s), {} without "
                                      "an answer; drained {} in {:.1f} s; "
                                      "{} nodes did not end well\n{}\n",
                                      report.produced_for_s,
                                      report.answered,
                                      static_cast<double>(report.answered) / report.produced_for_s,
                                      report.unanswered,
                                      report.drained ? "whole" : "NOT whole",
                                      report.drained_in_s,
                                      report.nodes_that_did_not_end_well,
                                      report.clean() ? "clean" : "NOT CLEAN");
}

}  // namespace errand::torture
