#include "scenarios/growth.hpp"

namespace errand::bench {
namespace {

/// Removes what was drained and leaves what the table has grown to: jobs of other types.
void remove_drained(Stage& stage) {
  stage.database().run("DELETE FROM worker_jobs WHERE type <> 'later'");
  stage.database().settle();
}

constexpr int warm_up_per_worker = 100;

/// Workers that have run some jobs know how long they take.
void warm_up(Stage& stage, ServerApp& app, int workers) {
  static_cast<void>(drain_once(stage, app, warm_up_per_worker * workers));
}

Drained drain_small(Stage& stage, const Growth& growth, int workers) {
  Drained drained;
  stage.play(workers, [&](ServerApp& app) {
    warm_up(stage, app, workers);
    drained = drain_once(stage, app, growth.small_jobs, growth.small_shape);
  });
  remove_drained(stage);
  return drained;
}

/// Like the small drain, the one that counts begins with nothing left to write back.
void pass_before(Stage& stage, ServerApp& app, const Growth& growth) {
  for (int pass = 0; pass < growth.passes_before; ++pass)
    static_cast<void>(
        drain_once(stage, app, growth.grown_jobs, growth.grown_shape, growth.outcome));
  if (growth.passes_before > 0)
    stage.database().flush();
}

Drained drain_grown(Stage& stage, const Growth& growth, int small_workers) {
  const int workers = growth.grown_workers > 0 ? growth.grown_workers : small_workers;
  Drained drained;
  stage.play(workers, [&](ServerApp& app) {
    warm_up(stage, app, workers);
    std::shared_ptr<void> held;
    if (growth.meanwhile)
      held = growth.meanwhile(stage, app);
    pass_before(stage, app, growth);
    drained = drain_once(stage, app, growth.grown_jobs, growth.grown_shape, growth.outcome);
  });
  remove_drained(stage);
  return drained;
}

/// The tables are made by errand; then there is room to fill them. A first drain warms up.
void prepare(Stage& stage, const Growth& growth, int jobs, int workers) {
  stage.play(workers, [](ServerApp&) {});
  if (growth.fill)
    growth.fill(stage.database());
  stage.database().settle();
  stage.play(workers, [&](ServerApp& app) { static_cast<void>(drain_once(stage, app, jobs)); });
  remove_drained(stage);
}

}  // namespace

Report play_growth(const Growth& growth, const Wishes& wishes, const std::string& folder) {
  Report report{growth.name, growth.note};
  Stage small{wishes, folder, "small"};
  Stage grown{wishes, folder, "grown"};
  prepare(small, {}, growth.small_jobs, wishes.workers);
  prepare(grown, growth, growth.small_jobs, wishes.workers);
  for (int run = 0; run < wishes.runs; ++run) {
    const Drained before = drain_small(small, growth, wishes.workers);
    const Drained after = drain_grown(grown, growth, wishes.workers);
    add(report, "ratio", "of small", after.rate / before.rate);
    add(report, "grown", "jobs/s", after.rate);
    add(report, "small", "jobs/s", before.rate);
    add(report, "submit_ratio", "of small", after.submit_rate / before.submit_rate);
    add(report, "grown_database_cpu", "us/job", after.database_cpu_us);
    add(report, "small_database_cpu", "us/job", before.database_cpu_us);
  }
  return report;
}

}  // namespace errand::bench
