#include "scenarios.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <thread>

namespace errand::bench {
namespace {

using namespace std::chrono_literals;

constexpr int drained_jobs = 100'000;
constexpr int latency_samples = 1000;
constexpr auto idle_time = 20s;
constexpr auto enough_to_submit = 3s;

/// 100 bytes, as in the field's usual benchmark.
Json small_payload() {
  return {{"path", "images/2026/01/29/0123456789abcdef.png"},
          {"width", 800},
          {"height", 600},
          {"quality", 82},
          {"n", 1}};
}

std::vector<NewJob> no_ops(Due due) {
  return std::vector<NewJob>(
      drained_jobs, NewJob{.tag = "noop", .type = "noop", .data = small_payload(), .due = due});
}

std::int64_t scalar(ServerApp& app, const std::string& sql) {
  return app.database().with_transaction(
      [&](Transaction& tx) { return tx.query(sql).get<std::int64_t>(0, 0); });
}

/// When the last one was finished, in microseconds since 1970.
std::int64_t last_finish(ServerApp& app) {
  const bool is_sqlite = app.config().database_url.starts_with("sqlite:");
  const std::string last =
      is_sqlite ? "max(finished)" : "(extract(epoch FROM max(finished)) * 1000000)::bigint";
  return scalar(app, "SELECT " + last + " FROM worker_jobs WHERE type = 'noop'");
}

void wait_until_drained(ServerApp& app) {
  // Both conditions have an index of their own: looking costs the drain nothing.
  const char* unfinished =
      "SELECT (SELECT count(*) FROM (SELECT 1 FROM worker_jobs WHERE type = 'noop' "
      "AND started IS NULL AND finished IS NULL LIMIT 1) AS waiting) + (SELECT count(*) FROM "
      "(SELECT 1 FROM worker_jobs WHERE type = 'noop' AND started IS NOT NULL "
      "AND finished IS NULL LIMIT 1) AS claimed)";
  while (scalar(app, unfinished) > 0)
    std::this_thread::sleep_for(20ms);
}

void remove_jobs(ServerApp& app) {
  app.database().with_transaction([](Transaction& tx) {
    tx.execute("DELETE FROM worker_jobs WHERE type IN ('noop', 'stamp')");
  });
}

Row row(const std::string& what, const std::vector<double>& values, const std::string& unit) {
  const Spread spread = spread_of(values);
  return {
      what,
      grouped(spread.median) + unit,
      fmt::format(
          "{} to {}, {} runs", grouped(spread.minimum), grouped(spread.maximum), values.size())};
}

Row submit_one_at_a_time(ServerApp& app, int runs) {
  std::vector<double> rates;
  for (int run = 0; run < runs; ++run) {
    const std::int64_t begin = now_us();
    int count = 0;
    while (now_us() - begin < std::chrono::microseconds{enough_to_submit}.count()) {
      app.worker_manager().submit_job(
          {.tag = "noop", .type = "noop", .data = small_payload(), .due = 24h});
      ++count;
    }
    rates.push_back(1e6 * count / static_cast<double>(now_us() - begin));
    remove_jobs(app);
  }
  return row("submit, one at a time, durable, 1 client", rates, " jobs/s");
}

/// Bulk submission and drain are one scenario: what is submitted is then drained. The jobs are due
/// at one instant, when both workers sleep; the time to the last finish comes from the table.
std::vector<Row> bulk_and_drain(ServerApp& app, int runs) {
  std::vector<double> submit_rates;
  std::vector<double> drain_rates;
  std::vector<double> cpu_per_job;
  for (int run = 0; run < runs + 1; ++run) {  // the first one warms up
    const auto due = std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now() + 2500ms);
    const std::vector<NewJob> jobs = no_ops(due);
    const std::int64_t begin = now_us();
    app.worker_manager().submit_jobs(jobs);
    const std::int64_t submitted = now_us();
    std::int64_t cpu = 0;
    for (const pid_t worker : children_of_this_process())
      cpu -= cpu_ns_of(worker);
    wait_until_drained(app);
    for (const pid_t worker : children_of_this_process())
      cpu += cpu_ns_of(worker);
    const std::int64_t last = last_finish(app);
    const std::int64_t once = scalar(
        app, "SELECT count(*) FROM worker_jobs WHERE type = 'noop' AND success AND claim_seq = 1");
    if (once != drained_jobs)
      throw Error{ErrorKind::bug, fmt::format("only {} of {} jobs ran once", once, drained_jobs)};
    if (run > 0) {
      submit_rates.push_back(1e6 * drained_jobs / static_cast<double>(submitted - begin));
      drain_rates.push_back(1e6 * drained_jobs /
                            static_cast<double>(last - due.time_since_epoch().count()));
      cpu_per_job.push_back(static_cast<double>(cpu) / drained_jobs);
    }
    remove_jobs(app);
  }
  return {row("submit in bulk, 100,000", submit_rates, " jobs/s"),
          row("drain of 100,000 no-op jobs, 2 workers", drain_rates, " jobs/s"),
          row("CPU of the workers per drained job", cpu_per_job, " ns")};
}

Row idle_latency(ServerApp& app) {
  std::vector<double> latencies;
  for (int sample = 0; sample < latency_samples; ++sample) {
    const Job job = app.worker_manager().submit_job(
        {.tag = "stamp", .type = "stamp", .data = {{"at", now_us()}}});
    const auto done = app.worker_manager().wait_for(job.id, 10s);
    if (!done || !done->success.value_or(false))
      throw Error{ErrorKind::bug, "a stamp job did not succeed"};
    latencies.push_back(done->result.at("us").get<double>() / 1000);
  }
  remove_jobs(app);
  const Spread spread = spread_of(latencies);
  return {"latency, idle: submit call to handler start",
          fmt::format("p50 {:.2f} ms, p99 {:.2f} ms", spread.median, spread.p99),
          fmt::format(
              "{:.2f} to {:.2f} ms, {} samples", spread.minimum, spread.maximum, latency_samples)};
}

std::vector<Row> idle_cost(const ServerApp& app) {
  const std::vector<pid_t> workers = children_of_this_process();
  std::int64_t cpu = -cpu_ns_of(::getpid());
  for (const pid_t worker : workers)
    cpu -= cpu_ns_of(worker);
  std::this_thread::sleep_for(idle_time);
  cpu += cpu_ns_of(::getpid());
  for (const pid_t worker : workers)
    cpu += cpu_ns_of(worker);
  const double share = 100.0 * static_cast<double>(cpu) /
                       static_cast<double>(std::chrono::nanoseconds{idle_time}.count());
  std::vector<double> memory;
  for (const pid_t worker : workers)
    memory.push_back(pss_mb_of(worker));
  return {{"idle CPU, server and 2 workers together",
           fmt::format("{:.3f} % of a core", share),
           fmt::format("over {} s", idle_time.count())},
          {"memory of a worker (PSS)",
           fmt::format("{:.1f} MB", spread_of(memory).maximum),
           fmt::format("port {}", app.port())},
          {"memory of the server (PSS)", fmt::format("{:.1f} MB", pss_mb_of(::getpid())), ""}};
}

}  // namespace

JobRegistry benchmark_types() {
  JobRegistry jobs;
  jobs.add("noop", [](JobContext&, const Json&) {});
  jobs.add("stamp", [](JobContext&, const Json& data) -> Json {
    return {{"us", now_us() - data.at("at").get<std::int64_t>()}};
  });
  return jobs;
}

std::vector<Row> run_scenarios(ServerApp& app, int runs) {
  std::vector<Row> rows = idle_cost(app);
  rows.push_back(idle_latency(app));
  rows.push_back(submit_one_at_a_time(app, runs));
  for (Row& each : bulk_and_drain(app, runs))
    rows.push_back(std::move(each));
  return rows;
}

}  // namespace errand::bench
