#include "manager/maintenance.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "manager/rescue.hpp"
#include "manager/spawner.hpp"

namespace errand {
namespace {

/// Looking for what hardly ever is there passes over all that is dead and cannot be cleared away,
/// beside a transaction that stays open on PostgreSQL: it may take a twentieth of the time.
constexpr int rest_of_the_curious = 20;

}  // namespace

Maintenance::Maintenance(JobStore& store,
                         const JobRegistry& registry,
                         Log log,
                         MaintenanceOptions options)
    : store_{store},
      registry_{registry},
      log_{std::move(log)},
      options_{std::move(options)},
      tasks_{{"see to the declared crons",
              options_.cron_period,
              [this](SteadyPoint /*now*/) {
                ensure_crons();
              }},
             {"look for jobs of unknown types",
              options_.unknown_type_period,
              [this](SteadyPoint /*now*/) { fail_unknown_types(); },
              rest_of_the_curious},
             {"give back the jobs of dead workers",
              options_.dead_process_period,
              [this](SteadyPoint now) {
                release_dead(now);
              }}} {}

void Maintenance::take_over() {
  if (!options_.sole_node)
    return;
  for (const ProcessRow& process : store_.live_processes())
    end_and_release(process, "its server was gone when the next one started");
  for (const ProcessId process : store_.dead_processes_with_claims())
    release(process);
}

milliseconds Maintenance::step(SteadyPoint now) {
  SteadyPoint next = SteadyPoint::max();
  for (Task& task : tasks_) {
    if (now >= task.next)
      run(task, now);
    next = std::min(next, task.next);
  }
  return std::chrono::ceil<milliseconds>(next - now);
}

void Maintenance::run(Task& task, SteadyPoint now) {
  task.next = now + task.period;
  const SteadyPoint begun = options_.clock->steady_now();
  try {
    task.work(now);
    const auto took = options_.clock->steady_now() - begun;
    task.next = now + std::max<SteadyPoint::duration>(task.period, task.rest * took);
    if (std::exchange(task.failing, false))
      log_.info("maintenance can " + task.what + " again");
  } catch (const std::exception& failure) {
    if (!std::exchange(task.failing, true))
      log_.warn("maintenance cannot " + task.what + ", and tries again every " +
                duration_text(task.period) + ": " + failure.what());
  }
}

void Maintenance::ensure_crons() {
  const TimePoint now = store_.now();
  for (const auto& [name, type] : registry_.types())
    if (!type.options.cron.empty() && store_.ensure_cron(prepare_declared_cron(type, now)))
      log_.info("cron has its next run", {{"tag", name}, {"schedule", type.options.cron}});
}

void Maintenance::fail_unknown_types() {
  const int failed = store_.fail_unknown_types(options_.unknown_type_patience);
  if (failed > 0)
    log_.warn("due jobs have failed because no live worker knows their type", {{"jobs", failed}});
}

void Maintenance::release_dead(SteadyPoint now) {
  end_lost_processes(now);
  release_left_claims(now);
}

void Maintenance::release_left_claims(SteadyPoint now) {
  std::map<ProcessId, SteadyPoint> seen;
  for (const ProcessId process : store_.dead_processes_with_claims()) {
    const auto before = seen_dead_.find(process);
    const SteadyPoint since = before == seen_dead_.end() ? now : before->second;
    if (now - since >= options_.dead_claims_patience)
      release(process);
    else
      seen.emplace(process, since);
  }
  seen_dead_ = std::move(seen);
}

// A beat that was only read late, or written by a clock that is off, is no proof: it must also not
// have moved for some time while this process watched. That is less than a lease at first: where
// nodes come and go, nobody might live long enough to find the lost. After a while without the
// database it is a whole lease: nobody could beat either.
void Maintenance::end_lost_processes(SteadyPoint now) {
  std::map<ProcessId, SeenBeat> seen;
  const TimePoint database_now = store_.now();
  const std::vector<ProcessRow> live = store_.live_processes();
  if (last_look_ && now - *last_look_ > options_.lease / 2) {
    seen_beats_.clear();
    watch_ = options_.lease;
  }
  last_look_ = now;
  for (const ProcessRow& process : live) {
    const auto before = seen_beats_.find(process.id);
    const bool moved = before == seen_beats_.end() || before->second.beat != process.beat;
    const SeenBeat beat = moved ? SeenBeat{process.beat, now} : before->second;
    if (database_now - process.beat >= options_.lease && now - beat.since >= watch_)
      end_and_release(process, "it has not beaten for " + duration_text(options_.lease));
    else
      seen.emplace(process.id, beat);
  }
  seen_beats_ = std::move(seen);
}

void Maintenance::end_and_release(const ProcessRow& process, const std::string& why) {
  const std::string sentence =
      worker_name(process.slot, process.pid) + " is taken for dead: " + why;
  if (!store_.end_process(process.id, sentence, {}, process.beat))
    return;
  log_.warn(sentence, {{"process", process.id}});
  release(process.id);
}

void Maintenance::release(ProcessId process) {
  std::size_t jobs = 0;
  for (const RescuedJob& rescued : Rescue{store_, registry_}.release_claims(process))
    jobs += rescued.recorded ? 1 : 0;
  if (jobs == 0)
    return;
  log_.warn("jobs of a dead worker are scheduled again", {{"process", process}, {"jobs", jobs}});
  if (options_.on_released)
    options_.on_released();
}

}  // namespace errand
