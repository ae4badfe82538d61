#include "worker/handover.hpp"

#include <algorithm>

namespace errand {

void Handover::give(std::vector<ClaimedJob> jobs, SteadyPoint now) {
  if (jobs.empty())
    return;
  const bool one = jobs.size() == 1;
  {
    const std::lock_guard lock{mutex_};
    queued_.push(std::move(jobs), now);
  }
  one ? lanes_waiting_.notify_one() : lanes_waiting_.notify_all();
}

std::vector<ClaimedJob> Handover::take_back() {
  const std::lock_guard lock{mutex_};
  return queued_.take_if([](const ClaimedJob& job) { return !job.held; });
}

std::vector<HeldJob> Handover::let_go() {
  const std::lock_guard lock{mutex_};
  queued_.erase_if([](const ClaimedJob& job) { return job.held; });
  std::vector<HeldJob> running;
  for (const auto& [key, run] : running_)
    if (run.held_since)
      running.push_back({key.first, key.second, *run.held_since});
  return running;
}

void Handover::claim_is_written(const std::vector<HeldJob>& jobs) {
  const std::lock_guard lock{mutex_};
  for (const HeldJob& job : jobs) {
    const auto found = running_.find({job.id, job.claim_seq});
    if (found != running_.end())
      found->second.held_since.reset();
    for (FinishedRun& run : finished_)
      if (run.id == job.id && run.claim_seq == job.claim_seq)
        run.held = false;
  }
}

std::vector<FinishedRun> Handover::take_finished() {
  const std::lock_guard lock{mutex_};
  return std::exchange(finished_, {});
}

void Handover::reuse(std::vector<FinishedRun> recorded) {
  recorded.clear();
  const std::lock_guard lock{mutex_};
  if (finished_.empty() && finished_.capacity() < recorded.capacity())
    finished_.swap(recorded);
}

void Handover::drop_room() {
  const std::lock_guard lock{mutex_};
  finished_.shrink_to_fit();
}

LoopState Handover::state() const {
  const std::lock_guard lock{mutex_};
  LoopState state;
  state.lanes = lanes_;
  state.queued = static_cast<int>(queued_.size());
  state.running = static_cast<int>(running_.size());
  state.finished = static_cast<int>(finished_.size());
  if (!finished_.empty())
    state.oldest_finished = finished_.front().at;
  state.oldest_queued = queued_.since();
  state.latest_begin = latest_begin_;
  state.woken = woken_;
  state.draining = draining_;
  state.may_hold = may_hold_;
  return state;
}

std::map<std::string, int> Handover::held_by_queue() const {
  const std::lock_guard lock{mutex_};
  std::map<std::string, int> held;
  queued_.for_each([&](const ClaimedJob& job) { ++held[job.queue]; });
  for (const auto& [key, run] : running_)
    ++held[run.queue];
  return held;
}

bool Handover::holds(JobId id, int claim_seq) const {
  const std::lock_guard lock{mutex_};
  const auto is_it = [&](const auto& each) {
    return each.id == id && each.claim_seq == claim_seq;
  };
  return running_.contains({id, claim_seq}) || queued_.any_of(is_it) ||
         std::ranges::any_of(finished_, is_it);
}

void Handover::clear_woken() {
  const std::lock_guard lock{mutex_};
  woken_ = false;
}

void Handover::wait(std::optional<SteadyPoint> until, const Clock& clock) {
  std::unique_lock lock{mutex_};
  const auto has_event = [this] {
    return event_;
  };
  if (until) {
    loop_.wait_for(
        lock, std::max(*until - clock.steady_now(), SteadyPoint::duration{0}), has_event);
  } else {
    loop_.wait(lock, has_event);
  }
  event_ = false;
}

std::optional<ClaimedJob> Handover::next(const Clock& clock) {
  std::unique_lock lock{mutex_};
  const auto can_begin = [this] {
    return !queued_.empty() && (!may_begin || may_begin());
  };
  lanes_waiting_.wait(lock, [&] { return closed_ || can_begin(); });
  if (!can_begin())
    return std::nullopt;
  ClaimedJob job = queued_.pop();
  const auto held_since = job.held ? std::optional{job.started} : std::nullopt;
  running_.emplace(Key{job.id, job.claim_seq}, Running{job.queue, held_since});
  latest_begin_ = clock.steady_now();
  return job;
}

void Handover::done(FinishedRun run) {
  bool worth_telling = false;
  {
    const std::lock_guard lock{mutex_};
    const auto running = running_.extract({run.id, run.claim_seq});
    run.held = !running.empty() && running.mapped().held_since;
    finished_.push_back(std::move(run));
    // The first one arms the loop's timer; in between it is better left alone.
    worth_telling = finished_.size() == 1 || finished_.size() == record_at_count || queued_.empty();
    event_ = event_ || worth_telling;
  }
  if (worth_telling)
    loop_.notify_one();
}

bool Handover::is_held(JobId id, int claim_seq) const {
  const std::lock_guard lock{mutex_};
  const auto found = running_.find({id, claim_seq});
  return found != running_.end() && found->second.held_since;
}

void Handover::never_hold() {
  {
    const std::lock_guard lock{mutex_};
    if (!std::exchange(may_hold_, false))
      return;
    event_ = true;
  }
  loop_.notify_one();
}

void Handover::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
    event_ = true;
  }
  loop_.notify_one();
}

void Handover::recheck() {
  {
    const std::lock_guard lock{mutex_};
    event_ = true;
  }
  loop_.notify_one();
}

void Handover::drain() {
  {
    const std::lock_guard lock{mutex_};
    draining_ = true;
    event_ = true;
  }
  loop_.notify_one();
}

void Handover::lease_renewed() {
  {
    const std::lock_guard lock{mutex_};
    if (queued_.empty())
      return;
  }
  lanes_waiting_.notify_all();
}

void Handover::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  lanes_waiting_.notify_all();
}

}  // namespace errand
