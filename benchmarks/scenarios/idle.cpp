// What it costs when there is nothing to do.
#include <unistd.h>

#include <thread>

#include "common/measure.hpp"
#include "scenarios/scenarios.hpp"

namespace errand::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto settling = 3s;
/// A session of PostgreSQL that falls idle is counted ten seconds later.
constexpr auto settling_of_counts = 11s;
constexpr double idle_seconds_per_wished = 10;

/// Transactions of this database so far; each question of an idle node is one.
std::int64_t transactions(BenchDatabase& database) {
  if (database.is_sqlite())
    return 0;
  return database.number(
      "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()",
      0);
}

std::int64_t own_cpu_ns() {
  return cpu_ns_of(::getpid()) + Stage::workers_cpu_ns();
}

void add_memory(Report& report) {
  std::vector<double> of_workers;
  for (const pid_t worker : children_of(::getpid()))
    of_workers.push_back(pss_mb_of(worker));
  add(report, "worker_memory", "MB", spread_of(of_workers).maximum);
  add(report, "server_memory", "MB", pss_mb_of(::getpid()));
}

void add_cost(Report& report, BenchDatabase& database, double seconds) {
  const std::int64_t own = own_cpu_ns();
  const std::int64_t server = database.server_cpu_ns();
  const std::int64_t queries = transactions(database);
  std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
  const double percent = 100 / (1e9 * seconds);
  add(report, "cpu", "% of a core", static_cast<double>(own_cpu_ns() - own) * percent);
  add(report,
      "database_cpu",
      "% of a core",
      static_cast<double>(database.server_cpu_ns() - server) * percent);
  add(report, "queries", "/s", static_cast<double>(transactions(database) - queries) / seconds);
}

Report idle(const Wishes& wishes, const std::string& folder) {
  Report report{"idle", "server and " + std::to_string(wishes.workers) + " workers"};
  Stage stage{wishes, folder, "idle"};
  stage.play(wishes.workers, [&](ServerApp&) {
    std::this_thread::sleep_for(stage.database().is_sqlite() ? settling : settling_of_counts);
    for (int run = 0; run < wishes.runs; ++run)
      add_cost(report, stage.database(), wishes.seconds * idle_seconds_per_wished);
    add_memory(report);
  });
  return report;
}

}  // namespace

std::vector<Scenario> idle_scenarios() {
  return {{"idle", idle}};
}

}  // namespace errand::bench
