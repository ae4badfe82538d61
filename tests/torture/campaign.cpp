#include "campaign.hpp"

#include "pause.hpp"
#include "tables.hpp"
#include "torture_jobs.hpp"

namespace errand::torture {
namespace {

constexpr std::int64_t second_us = 1'000'000;

std::map<std::string, std::string> node_environment(const CampaignOptions& options,
                                                    const std::filesystem::path& folder) {
  std::map<std::string, std::string> environment{
      {"DATABASE_URL", options.database_url},
      {"WORKER_COUNT", std::to_string(options.workers)},
      {"WORKER_CONCURRENCY", std::to_string(options.threads)},
      {"WEB_ENABLED", "false"},
      {"LOG_FORMAT", "json"},
      {"LOG_LEVEL", "warn"},
      {"WORKER_LOG_LEVEL", "warn"},
      {"SHUTDOWN_GRACE", "10s"},
      {"TORTURE_HISTORY", folder.string()}};
  if (options.crons)
    environment.emplace("TORTURE_CRONS", "1");
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
        tables_{app_, options.database_url.starts_with("sqlite:")},
        fleet_{node_environment(options, folder), folder, history_} {}

  [[nodiscard]] Report run() {
    tables_.watch_finished_rows();
    fleet_.start(options_.nodes);
    produce_under_attack();
    drain();
    report_.end = fleet_.stop_all();
    History history = read_history(folder_);
    history.rewritten = tables_.rewritten_rows();
    report_.findings = check(history, tables_.final_rows());
    if (options_.calm_before_us > 0)
      report_.rates = rates(history);
    return report_;
  }

 private:
  void produce_under_attack() {
    produced_from_ = now_us();
    Producers producers{app_, history_, options_.producers};
    pause(options_.calm_before_us);
    const std::set<pid_t> before = fleet_.processes();
    attack(producers);
    healed_ = now_us();
    pause(options_.calm_after_us);
    producers.stop();
    produced_until_ = now_us();
    const std::set<pid_t> after = fleet_.processes();
    for (const pid_t process : before)
      report_.exits += after.contains(process) ? 0U : 1U;
    report_.produced_for_s = seconds(produced_until_ - produced_from_);
    report_.answered = producers.answered();
    report_.unanswered = producers.unanswered();
  }

  /// For its time, and until all jobs are submitted when their number is given.
  void attack(const Producers& producers) {
    NemesisPlan plan = options_.nemesis;
    plan.take_for_dead = [this](pid_t worker) {
      return take_for_dead(worker);
    };
    Nemesis nemesis{fleet_, history_, std::move(plan), options_.seed};
    attacked_ = now_us();
    const std::int64_t end = attacked_ + options_.duration_us;
    const auto goes_on = [&] {
      return now_us() < end || (options_.producers.jobs_total != 0 && !producers.done());
    };
    while (goes_on()) {
      const std::int64_t next = nemesis.step(now_us());
      pause(std::min({next, now_us() + second_us / 5, std::max(end, now_us())}) - now_us());
    }
    nemesis.heal();
  }

  [[nodiscard]] bool take_for_dead(pid_t worker) {
    try {
      return tables_.take_for_dead(worker);
    } catch (const Error&) {
      return false;  // the database is away by our own doing
    }
  }

  void drain() {
    const std::int64_t begin = now_us();
    while (now_us() - begin < options_.drain_limit_us && !report_.drained) {
      pause(second_us / 5);
      report_.drained = tables_.unfinished() == 0;
    }
    report_.drained_in_s = seconds(now_us() - begin);
  }

  /// Without the time that the nodes need to begin, and ten seconds to recover.
  [[nodiscard]] Rates rates(const History& history) const {
    return {rate(history, produced_from_ + options_.calm_before_us / 3, attacked_),
            rate(history, attacked_, healed_),
            rate(history, healed_ + 10 * second_us, produced_until_)};
  }

  static void pause(std::int64_t duration_us) {
    const std::atomic<bool> never{false};
    pause_until(now_us() + duration_us, never);
  }

  [[nodiscard]] static double seconds(std::int64_t duration_us) {
    return static_cast<double>(duration_us) / second_us;
  }

  const CampaignOptions& options_;
  std::filesystem::path folder_;
  HistoryFile history_;
  ServerApp app_;
  Tables tables_;
  Fleet fleet_;
  Report report_{};
  std::int64_t produced_from_{0};
  std::int64_t attacked_{0};
  std::int64_t healed_{0};
  std::int64_t produced_until_{0};
};

}  // namespace

Report run_campaign(const CampaignOptions& options, const std::filesystem::path& folder) {
  return Campaign{options, folder}.run();
}

}  // namespace errand::torture
