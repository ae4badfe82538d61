// No cliff when the work grows: each case is a ratio to a small one in the same run.
#include <fmt/format.h>
#include <thread>

#include "common/grown.hpp"
#include "scenarios/growth.hpp"
#include "scenarios/scenarios.hpp"

namespace errand::bench {
namespace {

/// What ended before goes before what ends now.
constexpr int hours_that_errand_keeps = 1;

/// `values` of a row as SQL, for `count` rows; `n` is the row's number.
std::string insert_rows(BenchDatabase& database,
                        int count,
                        const std::string& columns,
                        const std::string& values) {
  const std::string numbers =
      database.is_sqlite()
          ? fmt::format(
                "(WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM "
                "counted WHERE n < {}) SELECT n FROM counted)",
                count)
          : fmt::format("generate_series(1, {}) AS counted (n)", count);
  return fmt::format("INSERT INTO worker_jobs ({}) SELECT {} FROM {}", columns, values, numbers);
}

/// An instant so many hours away, as the database writes it.
std::string hours_from_now(BenchDatabase& database, int hours) {
  return database.is_sqlite()
             ? fmt::format("(CAST(strftime('%s', 'now') AS INTEGER) + {} * 3600) * 1000000", hours)
             : fmt::format("now() + {} * interval '1 hour'", hours);
}

void fill_future(BenchDatabase& database, int rows) {
  const int far = 24 * 30;
  database.run(insert_rows(
      database, rows, "tag, type, due", "'later', 'later', " + hours_from_now(database, far)));
}

void fill_finished(BenchDatabase& database, int rows, int hours_until_removal) {
  const std::string past = hours_from_now(database, -1);
  database.run(
      insert_rows(database,
                  rows,
                  "tag, type, due, started, finished, success, outcome, claim_seq, remove_at",
                  fmt::format("'later', 'later', {0}, {0}, {0}, {1}, 'succeeded', 1, {2}",
                              past,
                              database.is_sqlite() ? "1" : "true",
                              hours_from_now(database, hours_until_removal))));
}

Growth case_of(const std::string& name, const std::string& note, const Wishes& wishes) {
  Growth growth;
  growth.name = "growth." + name;
  growth.note = note;
  growth.small_jobs = growth.grown_jobs = wishes.jobs;
  return growth;
}

Report future(const Wishes& wishes, const std::string& folder) {
  Growth growth = case_of("future", fmt::format("beside {} future jobs", wishes.rows), wishes);
  growth.fill = [&](BenchDatabase& database) {
    fill_future(database, wishes.rows);
  };
  return play_growth(growth, wishes, folder);
}

Report finished(const Wishes& wishes, const std::string& folder) {
  Growth growth = case_of("finished", fmt::format("beside {} finished jobs", wishes.rows), wishes);
  growth.fill = [&](BenchDatabase& database) {
    fill_finished(database, wishes.rows, hours_that_errand_keeps);
  };
  return play_growth(growth, wishes, folder);
}

Report queues(const Wishes& wishes, const std::string& folder) {
  Growth growth = case_of("queues", fmt::format("in {} queues", grown_queues), wishes);
  growth.grown_shape = [](std::vector<NewJob>& jobs) {
    for (std::size_t index = 0; index < jobs.size(); ++index)
      jobs[index].queue = "queue" + std::to_string(index % grown_queues);
  };
  return play_growth(growth, wishes, folder);
}

Report of_priorities(const Wishes& wishes, const std::string& folder) {
  Growth growth =
      case_of("priorities",
              fmt::format("{} due jobs of {} priorities", wishes.rows, grown_priorities),
              wishes);
  growth.grown_jobs = wishes.rows;
  growth.grown_shape = [](std::vector<NewJob>& jobs) {
    for (std::size_t index = 0; index < jobs.size(); ++index)
      jobs[index].priority = static_cast<int>(index % grown_priorities);
  };
  return play_growth(growth, wishes, folder);
}

Report of_workers(const Wishes& wishes, const std::string& folder) {
  Growth growth =
      case_of("workers", fmt::format("{} workers, by {}", grown_workers, wishes.workers), wishes);
  growth.grown_workers = grown_workers;
  return play_growth(growth, wishes, folder);
}

/// A connection with an open snapshot: what is updated after it cannot be cleared away.
std::shared_ptr<void> pin_snapshot(Stage& stage) {
  std::shared_ptr<BenchDatabase> reader = stage.database().another();
  const bool sqlite = stage.database().is_sqlite();
  reader->run(sqlite ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ");
  static_cast<void>(
      reader->number(sqlite ? "SELECT count(*) FROM worker_processes" : "SELECT 1", 0));
  return reader;
}

Report pinned(const Wishes& wishes, const std::string& folder) {
  Growth growth =
      case_of("pinned",
              fmt::format("after {} jobs have passed beside a pinned snapshot", wishes.rows),
              wishes);
  growth.passes_before = wishes.rows / wishes.jobs;
  growth.meanwhile = [](Stage& stage, ServerApp&) {
    return pin_snapshot(stage);
  };
  return play_growth(growth, wishes, folder);
}

/// The clean-up takes one worker: both cases have one more than they are asked for.
Report cleanup(const Wishes& wishes, const std::string& folder) {
  Wishes one_more = wishes;
  ++one_more.workers;
  Growth growth =
      case_of("cleanup",
              fmt::format("while {} jobs are removed, {} workers", wishes.rows, one_more.workers),
              wishes);
  growth.meanwhile = [&](Stage& stage, ServerApp& app) -> std::shared_ptr<void> {
    fill_finished(stage.database(), wishes.rows, -1);
    stage.database().flush();
    static_cast<void>(
        app.worker_manager().submit_job({.tag = "cleanup", .type = "removeOldWorkerJobs"}));
    return {};
  };
  return play_growth(growth, one_more, folder);
}

Report payload(const std::string& name,
               int bytes,
               int fewer,
               const Wishes& wishes,
               const std::string& folder) {
  Growth growth = case_of("payload." + name, fmt::format("payloads of {} bytes", bytes), wishes);
  growth.small_jobs = growth.grown_jobs = std::max(1, wishes.jobs / fewer);
  growth.grown_shape = with_payloads_of(bytes);
  return play_growth(growth, wishes, folder);
}

Report payload_1k(const Wishes& wishes, const std::string& folder) {
  return payload("1k", 1'000, 1, wishes, folder);
}

Report payload_10k(const Wishes& wishes, const std::string& folder) {
  return payload("10k", 10'000, 10, wishes, folder);
}

Report payload_100k(const Wishes& wishes, const std::string& folder) {
  return payload("100k", 100'000, 100, wishes, folder);
}

}  // namespace

std::vector<Scenario> growth_scenarios() {
  return {{"growth.future", future},
          {"growth.finished", finished},
          {"growth.queues", queues},
          {"growth.priorities", of_priorities},
          {"growth.workers", of_workers},
          {"growth.pinned", pinned},
          {"growth.cleanup", cleanup},
          {"growth.payload.1k", payload_1k},
          {"growth.payload.10k", payload_10k},
          {"growth.payload.100k", payload_100k}};
}

}  // namespace errand::bench
