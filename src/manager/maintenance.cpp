#include "manager/maintenance.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "jobs/type_names.hpp"
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
      types_{names_of_types(registry)},
      tasks_{{.what = "see to the declared crons",
              .period = options_.cron_period,
              .work =
                  [this](SteadyPoint /*now*/) {
                    ensure_crons();
                  }},
             {.what = "look for due jobs",
              .period = std::min(options_.poll_interval, options_.dead_process_period),
              .work = [this](SteadyPoint now) { look(now); },
              .rest = rest_of_the_curious},
             {.what = "look for jobs of unknown types",
              .period = options_.unknown_type_period,
              .work = [this](SteadyPoint /*now*/) { fail_unknown_types(); },
              .wanted = [this] { return strangers_are_possible(); },
              .rest = rest_of_the_curious},
             {.what = "give back the jobs of dead workers",
              .period = options_.dead_process_period,
              .work = [this](SteadyPoint now) { release_dead(now); },
              .wanted =
                  [this] {
                    return somebody_may_be_dead();
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
    if (now >= task.next) {
      task.next = now + task.period;
      if (!task.wanted || task.wanted())
        run(task, now);
    }
    next = std::min(next, task.next);
  }
  return std::chrono::ceil<milliseconds>(next - now);
}

void Maintenance::run(Task& task, SteadyPoint now) {
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

void Maintenance::look(SteadyPoint now) {
  seen_ = {};
  const bool asks_of_dead = now >= next_question_of_dead_;
  seen_ = store_.look({.types = types_, .queues = options_.queues, .asks_of_dead = asks_of_dead});
  if (asks_of_dead) {
    dead_hold_claims_ = seen_.dead_hold_claims;
    next_question_of_dead_ = now + options_.dead_process_period;
  }
  note_contact(now);
  tell_workers(now);
}

void Maintenance::tell_workers(SteadyPoint now) {
  if (!options_.on_look || now < next_word_)
    return;
  next_word_ = now + options_.poll_interval;
  options_.on_look(seen_);
}

/// Whoever could not beat because the database was away is to have time for it.
void Maintenance::note_contact(SteadyPoint now) {
  if (last_look_ && now - *last_look_ > options_.lease / 2) {
    seen_beats_.clear();
    watch_ = options_.lease;
  }
  last_look_ = now;
}

/// A job waits behind those of its queue and priority that are due before.
bool Maintenance::strangers_are_possible() const {
  return seen_.due_since && seen_.now - *seen_.due_since >= options_.unknown_type_patience;
}

/// Watched from the first beat on that is missing.
bool Maintenance::somebody_may_be_dead() const {
  return dead_hold_claims_ || !seen_dead_.empty() ||
         (seen_.oldest_beat && seen_.now - *seen_.oldest_beat >= options_.lease / 3);
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
  for (const ProcessRow& process : store_.live_processes()) {
    const auto before = seen_beats_.find(process.id);
    const bool moved = before == seen_beats_.end() || before->second.beat != process.beat;
    const SeenBeat beat = moved ? SeenBeat{process.beat, now} : before->second;
    if (seen_.now - process.beat >= options_.lease && now - beat.since >= watch_)
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
