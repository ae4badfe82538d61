// How long a job waits for its handler when nothing else is to do.
#include <random>
#include <thread>

#include "common/measure.hpp"
#include "scenarios/drain.hpp"
#include "scenarios/scenarios.hpp"

namespace errand::bench {
namespace {

using namespace std::chrono_literals;

/// Submit call to handler start, in milliseconds.
double latency_of_one(ServerApp& app) {
  const Job job = app.worker_manager().submit_job(
      {.tag = "stamp", .type = "stamp", .data = {{"at", now_us()}}});
  const auto done = app.worker_manager().wait_for(job.id, 30s);
  if (!done || !done->success.value_or(false))
    throw Error{ErrorKind::bug, "a stamp job did not succeed"};
  return done->result.at("us").get<double>() / 1000;
}

/// The workers have gone to sleep again by the time of the next one.
std::vector<double> latencies(ServerApp& app, int samples) {
  std::mt19937 random{1};
  std::uniform_int_distribution<int> pause_us{0, 8000};
  std::vector<double> all;
  for (int sample = 0; sample < samples; ++sample) {
    all.push_back(latency_of_one(app));
    std::this_thread::sleep_for(std::chrono::microseconds{pause_us(random)});
  }
  return all;
}

Report latency_idle(const Wishes& wishes, const std::string& folder) {
  Report report{"latency.idle", std::to_string(wishes.samples) + " samples"};
  Stage stage{wishes, folder, "latency"};
  stage.play(wishes.workers, [&](ServerApp& app) {
    static_cast<void>(latencies(app, 20));
    for (int run = 0; run < wishes.runs; ++run)
      add_spread(report, latencies(app, wishes.samples));
  });
  return report;
}

/// Batches of 50 no-op jobs, evenly, so that `rate` jobs a second are due.
void feed(ServerApp& app, double rate, const std::stop_token& stop) {
  constexpr int batch = 50;
  const std::vector<NewJob> jobs = no_ops(batch, 0s);
  auto next = std::chrono::steady_clock::now();
  const auto step = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>{batch / rate});
  while (!stop.stop_requested()) {
    static_cast<void>(app.worker_manager().submit_jobs(jobs));
    next += step;
    std::this_thread::sleep_until(next);
  }
}

/// What it drains and what it takes in share the machine: half of the rate at which both go on.
double half_of_what_it_bears(Stage& stage, ServerApp& app, int jobs) {
  const Stopwatch watch;
  static_cast<void>(app.worker_manager().submit_jobs(no_ops(jobs, 24h)));
  const double submission = watch.seconds() / jobs;
  stage.empty();
  const double run = 1 / drain_once(stage, app, jobs).rate;
  stage.empty();
  return 0.5 / (submission + run);
}

Report latency_loaded(const Wishes& wishes, const std::string& folder) {
  Report report{"latency.loaded", std::to_string(wishes.samples) + " samples"};
  Stage stage{wishes, folder, "latency"};
  stage.play(wishes.workers, [&](ServerApp& app) {
    const double rate = half_of_what_it_bears(stage, app, wishes.jobs / 5);
    for (int run = 0; run < wishes.runs; ++run) {
      stage.empty();
      const std::jthread load{[&](const std::stop_token& stop) {
        feed(app, rate, stop);
      }};
      std::this_thread::sleep_for(500ms);
      add_spread(report, latencies(app, wishes.samples));
      add(report, "load", "jobs/s", rate);
    }
  });
  return report;
}

}  // namespace

std::vector<Scenario> latency_scenarios() {
  return {{"latency.idle", latency_idle}, {"latency.loaded", latency_loaded}};
}

}  // namespace errand::bench
