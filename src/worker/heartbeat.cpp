#include "worker/heartbeat.hpp"

#include "base/probe.hpp"
#include "worker/memory.hpp"

namespace errand {

Heartbeat::Heartbeat(Parts parts, Log log)
    : parts_{parts}, log_{std::move(log)}, last_beat_{parts.clock.steady_now()} {}

void Heartbeat::start() {
  thread_ = std::thread{[this] {
    run();
  }};
}

void Heartbeat::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void Heartbeat::progress_waits() {
  {
    const std::lock_guard lock{mutex_};
    if (progress_waits_)
      return;
    progress_waits_ = true;
  }
  changed_.notify_all();
}

bool Heartbeat::lease_is_safe() const {
  return parts_.clock.steady_now() - last_beat_.load() < lease - lease_margin;
}

void Heartbeat::run() {
  SteadyPoint next_beat = parts_.clock.steady_now() + beat_interval;
  SteadyPoint progress_from{};
  std::unique_lock lock{mutex_};
  while (!stopping_ && !dead_) {
    const SteadyPoint until = progress_waits_ ? std::min(next_beat, progress_from) : next_beat;
    const SteadyPoint now = parts_.clock.steady_now();
    if (now < until) {
      changed_.wait_for(lock, until - now);
      continue;
    }
    const bool progress = std::exchange(progress_waits_, false);
    lock.unlock();
    if (progress)
      write_progress();
    progress_from = parts_.clock.steady_now() + progress_interval;
    if (parts_.clock.steady_now() >= next_beat) {
      beat();
      next_beat = parts_.clock.steady_now() + beat_interval;
    }
    lock.lock();
  }
  probe("heart-ended");
}

void Heartbeat::beat() {
  const SteadyPoint before = parts_.clock.steady_now();
  try {
    obey(parts_.store.beat(parts_.process, resident_bytes()));
    last_beat_ = before;
    if (std::exchange(failing_, false))
      log_.debug("this worker's lease is renewed again");
    if (on_beat)
      on_beat();
  } catch (const Error& error) {
    // The loop says that the database is away.
    if (!std::exchange(failing_, true))
      log_.debug("cannot renew this worker's lease", {{"why", error.what()}});
  }
}

void Heartbeat::write_progress() {
  try {
    parts_.store.set_progress(parts_.lanes.take_progress());
  } catch (const Error& error) {
    log_.debug("cannot store the progress of running jobs", {{"why", error.what()}});
  }
  if (parts_.lanes.has_progress())
    progress_waits();
}

void Heartbeat::obey(const BeatResult& result) {
  if (!result.alive) {
    dead_ = true;
    if (on_dead)
      on_dead();
    return;
  }
  for (const HeldClaim& claim : result.claims) {
    if (claim.cancel_requested && parts_.lanes.cancel(claim.id, cancel_grace))
      log_.info("asking a job to stop: it was cancelled", {{"id", claim.id}});
  }
  parts_.loop.reconcile(result.claims);
}

}  // namespace errand
