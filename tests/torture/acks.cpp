#include "acks.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <sstream>

#include "history_folder.hpp"
#include "hygiene.hpp"
#include "nemesis.hpp"
#include "pause.hpp"
#include "producers.hpp"
#include "sessions.hpp"
#include "spawn.hpp"
#include "tables.hpp"

namespace errand::torture {
namespace {

constexpr const char* variable = "TORTURE_SUBMITTER";

const char* instructions() {
  return std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody writes the environment
}

Config client_config(const std::string& database_url) {
  Config config;
  config.database_url = database_url;
  config.log_level = LogLevel::error;
  return config;
}

struct Count {
  std::size_t crashes{0};
  std::size_t database_crashes{0};
  std::size_t acknowledged{0};
  std::size_t twice{0};  ///< one id for two submissions
  std::size_t rows{0};
  std::size_t lost{0};
  double seconds{0};
  Hygiene hygiene{};

  [[nodiscard]] bool clean() const { return lost == 0 && twice == 0 && hygiene.damage.empty(); }
};

class AckCampaign {
 public:
  explicit AckCampaign(const AckPlan& plan)
      : plan_{plan}, app_{client_config(plan.database_url), torture_types()}, random_{plan.seed} {}

  [[nodiscard]] Count run() {
    const std::int64_t begin = now_us();
    app_.database().with_transaction([](Transaction&) {});  // makes the tables
    crash_and_collect();
    count_.seconds = static_cast<double>(now_us() - begin) / 1e6;
    weigh();
    inspect_database(count_.hygiene, plan_.database_url);
    return count_;
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  void keep_history() { folder_.keep(true); }

 private:
  void crash_and_collect() {
    Fleet nobody{{}, folder_.path(), history_};
    const Ground ground{.fleet = nobody,
                        .history = history_,
                        .database_url = plan_.database_url,
                        .restart_command = plan_.restart_command};
    Nemesis nemesis{ground, database_crashes(), plan_.seed};
    while (static_cast<int>(submitters_.size()) < plan_.submitters)
      submitters_.push_back(start());
    while (count_.crashes < plan_.crashes || acknowledged_.size() < plan_.acknowledged) {
      wait_a_life();
      nemesis.step(now_us());
      pid_t& victim = submitters_[random_() % submitters_.size()];
      collect(victim);
      victim = start();
      ++count_.crashes;
    }
    for (const pid_t submitter : submitters_)
      collect(submitter);
  }

  [[nodiscard]] NemesisPlan database_crashes() const {
    const auto every_us = static_cast<std::int64_t>(plan_.database_crash * 2e6);
    if (plan_.restart_command.empty())
      return {};
    return {.every_us = {{FaultKind::restart_database, every_us},
                         {FaultKind::kill_postmaster, every_us}}};
  }

  [[nodiscard]] pid_t start() const {
    return spawn_self({},
                      {{variable, fmt::format("{} {}", plan_.threads, plan_.bulk)},
                       {"DATABASE_URL", plan_.database_url},
                       {"TORTURE_FOLDER", folder_.path().string()}},
                      folder_.path() / "submitters.log");
  }

  /// Of one of the submitters, on the average.
  void wait_a_life() {
    constexpr std::int64_t shortest_us = 100'000;
    constexpr std::int64_t longest_us = 900'000;
    std::uniform_int_distribution<std::int64_t> life{shortest_us, longest_us};
    const std::atomic<bool> never{false};
    pause_until(now_us() + life(random_) / plan_.submitters, never);
  }

  /// Kills it and takes over what it had acknowledged.
  void collect(pid_t submitter) {
    ::kill(submitter, SIGKILL);
    ::waitpid(submitter, nullptr, 0);
    const auto file = folder_.path() / fmt::format("submitter.{}.txt", submitter);
    for (const Acknowledged& each : read_history(file).acknowledged)
      acknowledged_.push_back(each.job);
    std::filesystem::remove(file);
  }

  void weigh() {
    std::sort(acknowledged_.begin(), acknowledged_.end());
    const auto last = std::unique(acknowledged_.begin(), acknowledged_.end());
    count_.twice = static_cast<std::size_t>(acknowledged_.end() - last);
    acknowledged_.erase(last, acknowledged_.end());
    count_.acknowledged = acknowledged_.size();
    const std::vector<JobId> stored = Tables{app_, is_sqlite(plan_.database_url)}.ids();
    count_.rows = stored.size();
    std::vector<JobId> lost;
    std::set_difference(acknowledged_.begin(),
                        acknowledged_.end(),
                        stored.begin(),
                        stored.end(),
                        std::back_inserter(lost));
    count_.lost = lost.size();
    for (const Fault& fault : read_history(folder_.path()).faults)
      count_.database_crashes += fault.node == 0 ? 1U : 0U;
  }

  const AckPlan& plan_;
  HistoryFolder folder_{""};
  HistoryFile history_{folder_.path(), "driver"};
  ServerApp app_;
  std::mt19937_64 random_;
  std::vector<pid_t> submitters_{};
  std::vector<JobId> acknowledged_{};
  Count count_{};
};

std::string table(const Count& count) {
  const auto line = [](const char* what, std::size_t number) {
    return fmt::format("| {:<44} | {:>10} |\n", what, number);
  };
  return line("acknowledged and lost", count.lost) +
         line("one id for two submissions", count.twice) +
         line("acknowledged", count.acknowledged) + line("rows", count.rows) +
         line("kills of a submitting process", count.crashes) +
         line("crashes of the database", count.database_crashes) +
         fmt::format("in {:.0f} s; the database is {}\n",
                     count.seconds,
                     count.hygiene.damage.empty() ? "whole" : count.hygiene.damage);
}

}  // namespace

void declare(CLI::App& arguments, AckPlan& plan) {
  arguments.add_option("--database", plan.database_url, "tables are made in it")->required();
  arguments.add_option("--restart-command",
                       plan.restart_command,
                       "restarts the database as after a crash; without it, it does not crash");
  arguments.add_option("--database-crash-every", plan.database_crash, "seconds");
  arguments.add_option("--seed", plan.seed);
  arguments.add_option("--crashes", plan.crashes, "of submitting processes, at least");
  arguments.add_option("--acknowledged", plan.acknowledged, "submissions, at least");
  arguments.add_option("--submitters", plan.submitters, "processes")->check(CLI::Range(1, 64));
  arguments.add_option("--threads", plan.threads, "of each")->check(CLI::Range(1, 256));
  arguments.add_option("--bulk", plan.bulk, "jobs of one call")->check(CLI::Range(1, 10'000));
}

bool run_acks(const AckPlan& plan) {
  AckCampaign campaign{plan};
  const Count count = campaign.run();
  std::cout << table(count) << (count.clean() ? "clean\n" : "NOT CLEAN\n");
  if (!count.clean()) {
    campaign.keep_history();
    std::cout << "the history is in " << campaign.folder().string() << "\n";
  }
  return count.clean();
}

bool is_submitter() {
  return instructions() != nullptr;
}

int submit_for_ever() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ProducerPlan plan{.jobs_per_second = 0, .mix = {.slow_every = 0, .crash_every = 0}};
  std::istringstream{instructions()} >> plan.threads >> plan.bulk;
  // NOLINTBEGIN(concurrency-mt-unsafe): before any thread is started
  const HistoryFile history{std::getenv("TORTURE_FOLDER"), "submitter"};
  ServerApp app{client_config(std::getenv("DATABASE_URL")), torture_types()};
  // NOLINTEND(concurrency-mt-unsafe)
  Producers producers{app, history, plan};
  while (true)
    ::pause();
}

}  // namespace errand::torture
