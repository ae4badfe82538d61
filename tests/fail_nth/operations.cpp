#include "fail_nth/scenarios.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

Transition blamed() {
  return back_to_waiting(0ms, 1);
}

std::string told(const std::optional<Job>& job) {
  if (!job)
    return "nothing";
  return job->tag + (job->finished ? " finished " : " unfinished ") + job->outcome;
}

void one_waits(Bench& bench) {
  bench.submit({work_job("a")});
}

void one_runs(Bench& bench) {
  one_waits(bench);
  bench.claim();
}

void one_has_failed(Bench& bench) {
  one_runs(bench);
  static_cast<void>(
      bench.honest().jobs().exchange(std::vector{completion_of(bench.held.at(0), failure())}, {}));
}

void some_are_old(Bench& bench) {
  PreparedJob kept = work_job("kept");
  kept.persistent = true;
  bench.submit({work_job("a"), kept, work_job("b")});
  bench.claim();
  std::vector<Completion> completions;
  for (const ClaimedJob& job : bench.held)
    completions.push_back(completion_of(job, success()));
  static_cast<void>(bench.honest().jobs().exchange(completions, {}));
  bench.honest().jobs().end_process(bench.worker, "of old");
  bench.advance(24h * 30);
}

void strangers_wait(Bench& bench) {
  PreparedJob stranger = work_job("a");
  stranger.type = "nobody knows";
  PreparedJob link = minutely("cron", bench.now());
  link.type = "nobody knows";
  bench.submit({stranger, link, work_job("known")});
  bench.advance(10s);
}

/// What a manager does when a worker has died: three calls, each repeated until it is answered.
std::string rescue(Bench& bench, Store& store) {
  store.jobs().end_process(bench.worker, "it was killed");
  std::vector<Completion> completions;
  for (const ClaimedJob& job : store.jobs().claims_of(bench.worker))
    completions.push_back(completion_of(job, blamed()));
  static_cast<void>(store.jobs().exchange(completions, {}));
  return std::to_string(store.jobs().claims_of(bench.worker).size()) + " left";
}

/// Some of everything that a question can be about, one row each.
void some_of_everything(Bench& bench) {
  one_runs(bench);
  static_cast<void>(bench.honest().jobs().ensure_cron(minutely("cron", bench.now() + 1min)));
  static_cast<void>(bench.honest().notifications().create(7, {{"n", 1}}));
  const ProcessId dead = bench.begin_worker(2);
  bench.submit({work_job("left")});
  static_cast<void>(
      bench.honest().jobs().exchange({}, {.process = dead, .limit = 1, .types = work_types}));
  bench.honest().jobs().end_process(dead, "it was killed");
}

std::string look(Bench& bench, Store& store) {
  JobReader& reader = store.reader();
  const auto text = [](auto number) {
    return std::to_string(number) + ' ';
  };
  return text(store.jobs().live_processes().size()) +
         text(store.jobs().dead_processes_with_claims().size()) +
         text(store.jobs().claims_of(bench.worker).size()) + told(reader.find(bench.ids.at(0))) +
         text(reader.list({}).jobs.size()) + text(reader.attempts_of(bench.ids.at(0)).size()) +
         text(reader.workers().size()) + text(reader.crons().size()) + reader.counts().dump() +
         text(store.notifications().list(7, {}, 10).size()) +
         text(store.notifications().since(7, 0, 10).size());
}

std::string beat(Bench& bench, Store& store) {
  const BeatResult result = store.jobs().beat(bench.worker, 4711);
  return (result.alive ? "alive, holds " : "dead, holds ") + std::to_string(result.claims.size());
}

std::string note_progress(Bench& bench, Store& store) {
  const ClaimedJob& job = bench.held.at(0);
  store.jobs().set_progress(std::vector<ProgressUpdate>{{job.id, job.claim_seq, {0.5, "half"}}});
  return "noted";
}

std::string begin(Bench& /*bench*/, Store& store) {
  return store.jobs().begin_process({.node = "m", .slot = 2, .pid = 7, .types = work_types}) > 0
             ? "begun"
             : "not begun";
}

std::string ensure(Bench& bench, Store& store) {
  PreparedJob link = minutely("cron", bench.now() + 1min);
  link.cron_schedule = "30 * * * * *";
  return store.jobs().ensure_cron(link) ? "written" : "as it was";
}

}  // namespace

std::vector<Scenario> operations() {
  const auto cancel = [](Bench& bench, Store& store) {
    return told(store.jobs().cancel(bench.ids.at(0)));
  };
  const auto retry = [](Bench& bench, Store& store) {
    return bench.tag_of(store.jobs().retry(bench.ids.at(0)).value());
  };
  const auto remove = [](Bench& bench, Store& store) {
    return std::string{store.jobs().remove(bench.ids.at(0)) ? "removed" : "not there"};
  };
  const auto clean = [](Bench& /*bench*/, Store& store) {
    return std::to_string(store.jobs().remove_old(10, 0));
  };
  const auto fail_strangers = [](Bench& /*bench*/, Store& store) {
    return std::to_string(store.jobs().fail_unknown_types(1s));
  };
  const auto nothing = [](Bench& /*bench*/) {
  };
  const auto a_link_waits = [](Bench& bench) {
    bench.submit({minutely("cron", bench.now())});
  };
  return {
      {"CancelOfAWaitingJob", one_waits, cancel},
      {"CancelOfARunningJob", one_runs, cancel},
      {"Retry", one_has_failed, retry},
      {"Remove", one_waits, remove},
      {"RemoveOld", some_are_old, clean},
      {"FailUnknownTypes", strangers_wait, fail_strangers, true, true},
      {"EnsureANewCron", nothing, ensure},
      {"EnsureAChangedCron", a_link_waits, ensure},
      {"BeginProcess", nothing, begin, false},
      {"Beat", one_runs, beat},
      {"Rescue", one_runs, rescue, true, true},
      {"Progress", one_runs, note_progress},
      {"Questions", some_of_everything, look},
  };
}

}  // namespace errand::testing
