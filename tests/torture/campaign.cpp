#include "campaign.hpp"

#include "faketime.hpp"
#include "hygiene.hpp"
#include "pause.hpp"
#include "sessions.hpp"
#include "tables.hpp"
#include "torture_jobs.hpp"

namespace errand::torture {
namespace {

constexpr std::int64_t second_us = 1'000'000;

/// What the nodes leave in it is counted.
std::filesystem::path temporary_folder(const std::filesystem::path& folder) {
  const std::filesystem::path temporary = folder / "tmp";
  std::filesystem::create_directory(temporary);
  return temporary;
}

std::map<std::string, std::string> node_environment(const CampaignOptions& options,
                                                    const std::string& database_url,
                                                    const std::filesystem::path& folder) {
  std::map<std::string, std::string> environment{
      {"DATABASE_URL", database_url},
      {"TMPDIR", temporary_folder(folder).string()},
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

Config client_config(const std::string& database_url) {
  Config config;
  config.database_url = database_url;
  config.log_level = LogLevel::error;
  return config;
}

/// A proxy when the network is to be troubled.
std::unique_ptr<TcpProxy> proxy_for(const CampaignOptions& options) {
  for (const FaultKind kind : {FaultKind::stall_network,
                               FaultKind::reset_network,
                               FaultKind::cut_network,
                               FaultKind::delay_network})
    if (options.nemesis.every_us.contains(kind)) {
      const PostgresAddress address{options.database_url};
      return std::make_unique<TcpProxy>(address.host, address.port);
    }
  return nullptr;
}

class Campaign {
 public:
  Campaign(const CampaignOptions& options, const std::filesystem::path& folder)
      : options_{options},
        folder_{folder},
        history_{folder, "driver"},
        proxy_{proxy_for(options)},
        way_{proxy_ ? PostgresAddress{options.database_url}.with(proxy_->port())
                    : options.database_url},
        observer_{client_config(options.database_url), torture_types()},
        app_{client_config(way_), torture_types()},
        tables_{observer_, is_sqlite(options.database_url)},
        fleet_{node_environment(options, way_, folder), folder, history_} {}

  [[nodiscard]] Report run() {
    tables_.watch_finished_rows();
    if (options_.nemesis.every_us.contains(FaultKind::jump_clock))
      fleet_.set_apart_first(fake_clock_environment(folder_));
    fleet_.start(options_.nodes);
    produce_under_attack();
    drain();
    take_stock();
    report_.end = fleet_.stop_all();
    report_.hygiene.files_left = files_in(folder_ / "tmp");
    inspect_database(report_.hygiene, options_.database_url);
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
    settle();
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

  /// Until every worker is there and has had some jobs.
  void settle() {
    constexpr std::int64_t at_least_us = 3 * second_us;
    constexpr std::int64_t patience_us = 60 * second_us;
    const auto wanted = static_cast<std::size_t>(options_.nodes * options_.workers);
    while (fleet_.workers().size() < wanted && now_us() - produced_from_ < patience_us)
      pause(second_us / 10);
    const std::int64_t end = now_us() + std::max(options_.calm_before_us, at_least_us);
    while (now_us() < end) {
      pause(second_us / 4);
      at_start_.raise_to(Census::of(fleet_, database_file()));
    }
  }

  /// For its time, and until all jobs are submitted when their number is given.
  void attack(const Producers& producers) {
    const Ground ground{.fleet = fleet_,
                        .history = history_,
                        .database_url = options_.database_url,
                        .restart_command = options_.restart_command,
                        .proxy = proxy_.get(),
                        .take_for_dead = [this](pid_t worker) { return take_for_dead(worker); },
                        .freeze_for_us = options_.freeze_for_us,
                        .hold_for_us = options_.hold_for_us};
    Nemesis nemesis{ground, options_.nemesis, options_.seed};
    std::optional<Producers> surge;
    if (options_.surge)
      surge.emplace(app_, history_, *options_.surge);
    attacked_ = now_us();
    const std::int64_t end = attacked_ + options_.duration_us;
    const auto goes_on = [&] {
      return now_us() < end || (options_.producers.jobs_total != 0 && !producers.done());
    };
    while (goes_on()) {
      const std::int64_t next = nemesis.step(now_us());
      fleet_.revive();
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

  [[nodiscard]] std::string database_file() const {
    return is_sqlite(options_.database_url)
               ? std::filesystem::absolute(path_of(options_.database_url)).string()
               : "";
  }

  /// What is held now beyond what was held in the beginning; a worker that is just being replaced
  /// gets its time.
  void take_stock() {
    constexpr std::int64_t patience_us = 10 * second_us;
    const std::int64_t begin = now_us();
    Hygiene& hygiene = report_.hygiene;
    do {
      hygiene = {};
      hygiene.zombies = zombies(fleet_);
      add_leaks(hygiene, at_start_, Census::of(fleet_, database_file()));
      pause(second_us / 10);
    } while (hygiene.zombies + hygiene.descriptors_leaked + hygiene.threads_leaked > 0 &&
             now_us() - begin < patience_us);
  }

  void drain() {
    const std::int64_t begin = now_us();
    while (now_us() - begin < options_.drain_limit_us && !report_.drained) {
      pause(second_us / 5);
      fleet_.revive();
      report_.drained = tables_.unfinished() == 0;
    }
    report_.drained_in_s = seconds(now_us() - begin);
  }

  /// Without the time that the nodes need to begin, and that they have to recover.
  [[nodiscard]] Rates rates(const History& history) const {
    const std::int64_t warm_up_us =
        options_.warm_up_us > 0 ? options_.warm_up_us : options_.calm_before_us / 3;
    return {rate(history, attacked_ - options_.calm_before_us + warm_up_us, attacked_),
            rate(history, attacked_, healed_),
            rate(history, healed_ + options_.recovery_skipped_us, produced_until_)};
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
  std::unique_ptr<TcpProxy> proxy_;
  std::string way_;  ///< the nodes' and the producers' to the database
  ServerApp observer_;
  ServerApp app_;
  Tables tables_;
  Fleet fleet_;
  Report report_{};
  Census at_start_{};
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
