#include "worker/lanes.hpp"

#include <algorithm>

namespace errand {

Lanes::Lanes(int count, const RunTools& tools, Handover& handover, ipc::FlightRecorder& recorder)
    : tools_{tools},
      handover_{handover},
      recorder_{recorder},
      active_(static_cast<std::size_t>(count), nullptr) {}

Lanes::~Lanes() {
  join();
}

void Lanes::join() {
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
}

void Lanes::start() {
  for (std::size_t lane = 0; lane < active_.size(); ++lane) {
    threads_.emplace_back([this, lane] { run_lane(static_cast<int>(lane)); });
  }
}

void Lanes::run_lane(int lane) {
  Random random = Random::from_entropy();
  while (std::optional<ClaimedJob> job = handover_.next(tools_.clock)) {
    handover_.done(run_one(lane, std::move(*job), random));
  }
}

FinishedRun Lanes::run_one(int lane, ClaimedJob job, Random& random) {
  const SteadyPoint begin = tools_.clock.steady_now();
  const auto timeout = timeout_of(job, tools_.registry);
  ActiveRun run{std::move(job), begin, timeout ? std::optional{begin + *timeout} : std::nullopt};
  enter(lane, run);
  const RunResult result = run_job(run, tools_);
  leave(lane);

  const SteadyPoint end = tools_.clock.steady_now();
  Transition transition = decide_run(run.job(), result, tools_.registry, end, random.uniform());
  FinishedRun finished = FinishedRun::of(run.take_job());
  finished.at = end;
  finished.run_time = end - begin;
  finished.progress = run.take_progress();
  finished.transition = std::move(transition);
  return finished;
}

void Lanes::enter(int lane, ActiveRun& run) {
  {
    const std::lock_guard lock{mutex_};
    active_[static_cast<std::size_t>(lane)] = &run;
    recorder_.job_begins(lane, {run.job().id, run.job().claim_seq, run.since(), run.deadline()});
  }
  if (run.deadline() && on_deadline)
    on_deadline(*run.deadline());
  if (on_begin)
    on_begin(run.job());
}

void Lanes::leave(int lane) {
  const std::lock_guard lock{mutex_};
  active_[static_cast<std::size_t>(lane)] = nullptr;
  recorder_.job_ends(lane);
}

bool Lanes::cancel(JobId id, milliseconds grace) {
  const std::lock_guard lock{mutex_};
  for (std::size_t lane = 0; lane < active_.size(); ++lane) {
    ActiveRun* run = active_[lane];
    if (run == nullptr || run->job().id != id)
      continue;
    run->request_stop(StopReason::cancelled);
    const SteadyPoint by = tools_.clock.steady_now() + grace;
    const SteadyPoint deadline = run->deadline() ? std::min(*run->deadline(), by) : by;
    recorder_.job_begins(static_cast<int>(lane),
                         {id, run->job().claim_seq, run->since(), deadline});
    return true;
  }
  return false;
}

void Lanes::stop_all(StopReason reason) {
  const std::lock_guard lock{mutex_};
  for (ActiveRun* run : active_) {
    if (run != nullptr)
      run->request_stop(reason);
  }
}

std::optional<SteadyPoint> Lanes::check_deadlines(SteadyPoint now) {
  const std::lock_guard lock{mutex_};
  std::optional<SteadyPoint> next;
  for (ActiveRun* run : active_) {
    if (run == nullptr || !run->deadline())
      continue;
    if (*run->deadline() <= now) {
      run->request_stop(StopReason::timed_out);
    } else if (!next || *run->deadline() < *next) {
      next = run->deadline();
    }
  }
  return next;
}

std::vector<ProgressUpdate> Lanes::take_progress() {
  const std::lock_guard lock{mutex_};
  std::vector<ProgressUpdate> updates;
  for (ActiveRun* run : active_) {
    if (run == nullptr || handover_.is_held(run->job().id, run->job().claim_seq))
      continue;
    if (auto progress = run->take_progress()) {
      updates.push_back({run->job().id, run->job().claim_seq, std::move(*progress)});
    }
  }
  return updates;
}

bool Lanes::has_progress() const {
  const std::lock_guard lock{mutex_};
  return std::any_of(active_.begin(), active_.end(), [](const ActiveRun* run) {
    return run != nullptr && run->has_progress();
  });
}

std::vector<ClaimedJob> Lanes::running() const {
  const std::lock_guard lock{mutex_};
  std::vector<ClaimedJob> jobs;
  for (const ActiveRun* run : active_) {
    if (run != nullptr)
      jobs.push_back(run->job());
  }
  return jobs;
}

}  // namespace errand
