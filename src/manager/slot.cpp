#include "manager/slot.hpp"

#include <algorithm>

#include "ipc/exit_codes.hpp"

namespace errand {

Slot::Step Slot::step(const Event& event, SteadyPoint now) {
  Actions actions = handle(event, now);
  return {std::move(actions), next_deadline()};
}

Slot::Actions Slot::handle(const Event& event, SteadyPoint now) {
  switch (event.happening) {
    case Happening::run:
      return state_ == State::empty ? spawn(now) : Actions{};
    case Happening::spawn_failed:
      return spawn_has_failed(now);
    case Happening::ready:
      return become_ready(now);
    case Happening::alive:
      return hear(now);
    case Happening::leaving:
      return leave(now);
    case Happening::broken:
      return kill_at_once();
    case Happening::hung_up:
      return await_exit(now);
    case Happening::overdue:
      overdue_ = overdue_ || serves();
      return terminate(now);
    case Happening::exited:
      return exited(now, event.exit_code);
    case Happening::crashed:
      return crashed(now);
    case Happening::recycle:
      return recycle();
    case Happening::stop:
      return stop(now, event.grace);
    case Happening::resumed:
      return resume(now);
    case Happening::timer:
      return time_passed(now);
  }
  return {};
}

bool Slot::has_worker() const noexcept {
  return state_ != State::empty && state_ != State::backing_off;
}

bool Slot::serves() const noexcept {
  return state_ == State::starting || state_ == State::ready || state_ == State::draining;
}

std::optional<SteadyPoint> Slot::next_deadline() const {
  if (!silent_at_ || !step_at_)
    return silent_at_ ? silent_at_ : step_at_;
  return std::min(*silent_at_, *step_at_);
}

Slot::Actions Slot::spawn(SteadyPoint now) {
  state_ = State::starting;
  recycling_ = leaving_ = overdue_ = told_to_stop_ = was_killed_ = false;
  ++spawned_;
  ready_since_.reset();
  step_at_.reset();
  silent_at_ = now + times_.boot_deadline;
  return {Action::spawn};
}

Slot::Actions Slot::become_ready(SteadyPoint now) {
  if (state_ != State::starting && state_ != State::draining)
    return {};
  if (state_ == State::starting)
    state_ = State::ready;
  ready_since_ = now;
  silent_at_ = now + times_.silence_deadline;
  return {};
}

// A worker that is not ready yet has its boot deadline, whatever it says meanwhile.
Slot::Actions Slot::hear(SteadyPoint now) {
  if (serves() && ready_since_)
    silent_at_ = now + times_.silence_deadline;
  return {};
}

Slot::Actions Slot::leave(SteadyPoint now) {
  if (!has_worker())
    return {};
  leaving_ = true;
  if (serves()) {
    state_ = State::draining;
    silent_at_ = now + times_.silence_deadline;
  }
  return {};
}

Slot::Actions Slot::kill_at_once() {
  if (!has_worker() || was_killed_)
    return {};
  state_ = State::killing;
  was_killed_ = true;
  silent_at_.reset();
  step_at_.reset();
  return {Action::kill};
}

Slot::Actions Slot::await_exit(SteadyPoint now) {
  if (!serves())
    return {};
  state_ = State::killing;
  silent_at_.reset();
  step_at_ = now + times_.hung_up_to_kill;
  return {};
}

Slot::Actions Slot::terminate(SteadyPoint now) {
  if (!serves())
    return {};
  state_ = State::terminating;
  silent_at_.reset();
  step_at_ = now + times_.term_to_kill;
  return {Action::term};
}

Slot::Actions Slot::recycle() {
  if (state_ != State::starting && state_ != State::ready)
    return {};
  recycling_ = true;
  state_ = State::draining;
  return {Action::send_drain};
}

Slot::Actions Slot::stop(SteadyPoint now, milliseconds grace) {
  stopping_ = true;
  if (!has_worker()) {
    state_ = State::empty;
    step_at_.reset();
    return {};
  }
  if (!serves() || told_to_stop_)
    return {};
  const bool was_draining = state_ == State::draining;
  state_ = State::draining;
  step_at_ = std::min(step_at_.value_or(SteadyPoint::max()), now + grace);
  return was_draining ? Actions{} : Actions{Action::send_drain};
}

Slot::Actions Slot::resume(SteadyPoint now) {
  if (silent_at_)
    silent_at_ = now + (ready_since_ ? times_.silence_deadline : times_.boot_deadline);
  return {};
}

Slot::Actions Slot::spawn_has_failed(SteadyPoint now) {
  if (state_ != State::starting)
    return {};
  ++failures_;
  return back_off(now, std::max(back_off_delay(), times_.back_off_first));
}

Slot::Actions Slot::exited(SteadyPoint now, int exit_code) {
  if (!has_worker())
    return {};
  if (stopping_)
    return become_empty();
  const bool left_in_order = exit_code == 0 && (leaving_ || recycling_) && ready_since_;
  if (left_in_order || overdue_)
    return spawn(now);
  if (exit_code == ipc::exit_config) {
    back_off(now, times_.back_off_longest);
    return {Action::alarm};
  }
  if (ready_since_ && now - *ready_since_ >= times_.healthy_after)
    failures_ = 0;
  ++failures_;
  Actions actions = back_off(now, back_off_delay());
  if (failures_ == alarming_failures)
    actions.push_back(Action::alarm);
  return actions;
}

// A worker that runs jobs does its work: were its deaths counted, a few jobs that crash would keep
// the others waiting for half a minute. A job is given up after three, so this comes to an end.
Slot::Actions Slot::crashed(SteadyPoint now) {
  if (!has_worker())
    return {};
  if (stopping_)
    return become_empty();
  failures_ = 0;
  const bool young = !ready_since_ || now - *ready_since_ < times_.crash_pause_below;
  return back_off(now, young && !overdue_ ? times_.crash_pause : milliseconds{0});
}

Slot::Actions Slot::become_empty() {
  state_ = State::empty;
  silent_at_.reset();
  step_at_.reset();
  return {};
}

Slot::Actions Slot::back_off(SteadyPoint now, milliseconds delay) {
  if (delay == milliseconds{0})
    return spawn(now);
  state_ = State::backing_off;
  silent_at_.reset();
  step_at_ = now + delay;
  return {};
}

milliseconds Slot::back_off_delay() const {
  if (failures_ <= 1)
    return milliseconds{0};
  milliseconds delay = times_.back_off_first;
  for (int i = 2; i < failures_ && delay < times_.back_off_longest; ++i)
    delay *= 2;
  delay = std::min(delay, times_.back_off_longest);
  return delay + std::chrono::duration_cast<milliseconds>(delay * times_.back_off_spread);
}

Slot::Actions Slot::time_passed(SteadyPoint now) {
  if (silent_at_ && now >= *silent_at_) {
    state_ = State::killing;
    silent_at_.reset();
    step_at_ = now + times_.abort_to_kill;
    return {Action::abort};
  }
  return step_at_ && now >= *step_at_ ? ladder_passed(now) : Actions{};
}

Slot::Actions Slot::ladder_passed(SteadyPoint now) {
  if (state_ == State::backing_off)
    return spawn(now);
  if (state_ != State::draining)
    return kill_at_once();
  if (told_to_stop_)
    return terminate(now);
  told_to_stop_ = true;
  step_at_ = now + times_.stop_to_term;
  return {Action::send_stop};
}

std::string_view to_text(Slot::State state) {
  switch (state) {
    case Slot::State::empty:
      return "empty";
    case Slot::State::starting:
      return "starting";
    case Slot::State::ready:
      return "ready";
    case Slot::State::draining:
      return "draining";
    case Slot::State::terminating:
      return "terminating";
    case Slot::State::killing:
      return "killing";
    case Slot::State::backing_off:
      return "backing_off";
  }
  return "";
}

}  // namespace errand
