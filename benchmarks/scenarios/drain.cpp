#include "scenarios/drain.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <thread>

#include "common/measure.hpp"
#include "common/payload.hpp"

namespace errand::bench {
namespace {

using namespace std::chrono_literals;

using Instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// One try is lost where submission is slower.
constexpr auto submission_of_one = 20us;
constexpr auto submission_of_any = 200ms;
constexpr int tries = 4;
constexpr int small = 100;

struct Submitted {
  Instant due{};
  std::vector<JobId> ids{};
  double rate{0};
};

Instant now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// Not the clean-up's next run, which may be stored between them.
const char* const ours = "tag = 'noop'";

std::string between(const std::vector<JobId>& ids) {
  const auto [first, last] = std::minmax_element(ids.begin(), ids.end());
  return fmt::format("id BETWEEN {} AND {} AND {}", *first, *last, ours);
}

/// Between submission and drain: the more was written, the longer.
std::chrono::microseconds rest_before_due(int count) {
  return std::clamp<std::chrono::microseconds>(15us * count, 100ms, 1500ms);
}

/// Looks only at what it has not yet seen finished: looking costs the drain nothing. The planner
/// does not look into CASE: told that nearly all have finished, it would sort all that have not.
void wait_until_finished(Stage& stage, const std::vector<JobId>& ids) {
  const auto [first, last] = std::minmax_element(ids.begin(), ids.end());
  for (std::int64_t next = *first;;) {
    next = stage.database().number(
        fmt::format("SELECT id FROM worker_jobs WHERE id BETWEEN {} AND {} AND {} "
                    "AND CASE WHEN finished IS NULL THEN true ELSE false END ORDER BY id LIMIT 1",
                    next,
                    *last,
                    ours),
        -1);
    if (next < 0)
      return;
    std::this_thread::sleep_for(20ms);
  }
}

/// Jobs that were ready before they were due. A machine that is slower than thought gets more time;
/// what it was late with is not taken away from the workers that have it by then.
Submitted submit_ahead(Stage& stage, ServerApp& app, int count, const Shape& shape) {
  const std::chrono::microseconds rest = rest_before_due(count);
  std::chrono::microseconds lead = rest + submission_of_any + submission_of_one * count;
  for (int attempt = 0; attempt < tries; ++attempt, lead *= 3) {
    const Instant due = now() + lead;
    std::vector<NewJob> jobs = no_ops(count, due);
    if (shape)
      shape(jobs);
    const Stopwatch watch;
    std::vector<JobId> ids = app.worker_manager().submit_jobs(jobs);
    const double rate = count / watch.seconds();
    if (now() + rest / 3 < due)
      return {due, std::move(ids), rate};
    wait_until_finished(stage, ids);
    stage.database().run("DELETE FROM worker_jobs WHERE " + between(ids));
  }
  throw std::runtime_error{"submission is too slow for a drain to be measured"};
}

/// When the last one was finished, in microseconds since 1970.
std::int64_t last_finish(Stage& stage, const std::string& these) {
  const std::string last = stage.database().is_sqlite()
                               ? "max(finished)"
                               : "(extract(epoch FROM max(finished)) * 1000000)::bigint";
  return stage.database().number("SELECT " + last + " FROM worker_jobs WHERE " + these, 0);
}

/// A claim may have been put back and taken again, when the machine kept a worker waiting.
void check_that_each_ended_at_once(Stage& stage,
                                   const std::string& these,
                                   const std::string& outcome,
                                   std::size_t count) {
  const std::int64_t once = stage.database().number(
      fmt::format("SELECT count(*) FROM worker_jobs WHERE outcome = '{}' AND attempt = 1 AND {}",
                  outcome,
                  these),
      0);
  if (once != static_cast<std::int64_t>(count))
    throw std::runtime_error{fmt::format("only {} of {} jobs {} at once", once, count, outcome)};
}

double largest_worker_mb() {
  double largest = 0;
  for (const pid_t worker : children_of(::getpid()))
    largest = std::max(largest, pss_mb_of(worker));
  return largest;
}

}  // namespace

Json payload_of(int bytes) {
  return {{"customField", filling_of(bytes)}};
}

std::vector<NewJob> no_ops(int count, Due due) {
  return std::vector<NewJob>(
      static_cast<std::size_t>(count),
      NewJob{.tag = "noop", .type = "noop", .data = payload_of(small), .due = due});
}

Shape with_payloads_of(int bytes) {
  return [data = payload_of(bytes)](std::vector<NewJob>& jobs) {
    for (NewJob& job : jobs)
      job.data = data;
  };
}

Drained drain_once(
    Stage& stage, ServerApp& app, int jobs, const Shape& shape, const std::string& outcome) {
  const Submitted submitted = submit_ahead(stage, app, jobs, shape);
  const std::int64_t workers = Stage::workers_cpu_ns();
  const std::int64_t server = stage.database().server_cpu_ns();
  wait_until_finished(stage, submitted.ids);
  const double cpu_thousands = 1000.0 * jobs;
  Drained drained;
  drained.submit_rate = submitted.rate;
  drained.worker_cpu_us = static_cast<double>(Stage::workers_cpu_ns() - workers) / cpu_thousands;
  drained.worker_memory_mb = largest_worker_mb();
  drained.database_cpu_us =
      static_cast<double>(stage.database().server_cpu_ns() - server) / cpu_thousands;
  const std::string these = between(submitted.ids);
  check_that_each_ended_at_once(stage, these, outcome, submitted.ids.size());
  drained.claims = static_cast<double>(stage.database().number(
                       "SELECT sum(claim_seq) FROM worker_jobs WHERE " + these, 0)) /
                   jobs;
  const std::int64_t taken = last_finish(stage, these) - submitted.due.time_since_epoch().count();
  drained.rate = 1e6 * jobs / static_cast<double>(taken);
  return drained;
}

void add(Report& report, const Drained& drained) {
  add(report, "rate", "jobs/s", drained.rate);
  add(report, "worker_cpu", "us/job", drained.worker_cpu_us);
  add(report, "database_cpu", "us/job", drained.database_cpu_us);
  add(report, "worker_memory", "MB", drained.worker_memory_mb);
  add(report, "claims", "per job", drained.claims);
}

}  // namespace errand::bench
