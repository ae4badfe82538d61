#include "worker/loop_plan.hpp"

#include <algorithm>

#include "base/earlier.hpp"

namespace errand {
namespace {

constexpr double target_ns = 50e6;
constexpr double hold_target_ns =
    std::chrono::duration<double, std::nano>{hold_age_max}.count() / 2;
constexpr int hold_jobs_min = 20;  // a hold costs as much as the claims of some ten jobs
constexpr int claim_before_hold_max = 64;
constexpr double newest_weight = 0.2;
constexpr double batch_max = 1000;
constexpr double batch_bytes_max = 4e6;
constexpr double hold_bytes_max = 1.5e6;  // who is long at recording them seems to stand still
constexpr int hold_growth = 16;           // what was held too long is let go as if it had not been

bool nothing_runs(const LoopState& state) {
  return state.queued == 0 && state.running == 0;
}

bool nothing_is_left(const LoopState& state) {
  return nothing_runs(state) && state.finished == 0;
}

bool should_end_hold(const LoopState& state, SteadyPoint now) {
  return state.held_at && (nothing_runs(state) || state.draining || !state.may_hold ||
                           *state.held_at + hold_age_max <= now);
}

bool should_record(const LoopState& state, SteadyPoint now) {
  if (state.finished == 0 || state.held_at)  // what is held is recorded when the hold ends
    return false;
  if (state.finished >= record_at_count)
    return true;
  if (nothing_runs(state))
    return true;
  return state.oldest_finished && *state.oldest_finished + record_at_age <= now;
}

bool all_busy(const LoopState& state) {
  return state.running >= state.lanes;
}

bool behind_long_jobs(const LoopState& state, SteadyPoint now) {
  return all_busy(state) && state.latest_begin && *state.latest_begin + long_run <= now;
}

bool should_hold(const LoopState& state) {
  return state.may_hold && state.hold > 0 && (state.more || state.left_to_holders);
}

/// Few, where a hold follows if there are more: a claim that is written costs more, and passes over
/// all that others, woken at the same time, have locked.
int wanted_of(const LoopState& state) {
  if (should_hold(state))
    return state.hold;
  return state.may_hold && state.hold > 0 ? std::min(state.batch, claim_before_hold_max)
                                          : state.batch;
}

int room_of(const LoopState& state, SteadyPoint now) {
  if (state.draining || behind_long_jobs(state, now))
    return 0;
  const int capacity = std::max(wanted_of(state), state.lanes);
  const int held = state.queued + state.running;
  // Half empty before asking again: many small claims cost more than a few large ones. What is held
  // by locks would be lost.
  const bool worth_it = held < state.lanes || (!state.held_at && 2 * state.queued <= capacity);
  return worth_it ? std::max(0, capacity - held) : 0;
}

bool should_hand_back(const LoopState& state, SteadyPoint now) {
  if (state.queued == 0)
    return false;
  if (state.draining)
    return true;
  return all_busy(state) && state.oldest_queued && *state.oldest_queued + queued_age_max <= now;
}

/// A lane that is about to begin a job says nothing to the loop, so a queue that is not moving is
/// looked at again.
SteadyPoint next_queue_check(const LoopState& state, SteadyPoint now) {
  return std::max(*state.oldest_queued + queued_age_max, now + long_run);
}

}  // namespace

LoopPlan plan_loop(const LoopState& state, SteadyPoint now) {
  LoopPlan plan;
  plan.end_hold = should_end_hold(state, now);
  plan.record = plan.end_hold || should_record(state, now);
  plan.hand_back = should_hand_back(state, now);
  const int room = plan.hand_back ? 0 : room_of(state, now);
  plan.told = state.more || (state.woken && !state.left_to_holders);
  if (state.woken || state.more || state.next_look <= now)
    plan.claim = room;
  plan.hold = should_hold(state);
  plan.yields = state.may_hold && state.may_be_short;

  if (state.held_at)
    keep_earlier(plan.wait_until, *state.held_at + hold_age_max);
  else if (state.finished > 0 && state.oldest_finished)
    keep_earlier(plan.wait_until, *state.oldest_finished + record_at_age);
  if (state.queued > 0 && state.oldest_queued)
    keep_earlier(plan.wait_until, next_queue_check(state, now));
  if (room > 0)
    keep_earlier(plan.wait_until, state.next_look);
  if (state.rests_at && nothing_is_left(state)) {
    plan.rest = *state.rests_at <= now;
    if (!plan.rest)
      keep_earlier(plan.wait_until, state.rests_at);
  }
  return plan;
}

void MovingAverage::add(double value) {
  const double before = value_.value_or(value);
  value_ = before + newest_weight * (value - before);
}

void BatchSize::ran(std::chrono::nanoseconds run_time) {
  run_ns_.add(static_cast<double>(std::max<std::int64_t>(run_time.count(), 1)));
}

void BatchSize::took(std::size_t payload_bytes) {
  payload_bytes_.add(static_cast<double>(payload_bytes));
}

double BatchSize::jobs_of(double bytes) const noexcept {
  return std::clamp(bytes / std::max(payload_bytes_.value().value_or(1.0), 1.0), 1.0, batch_max);
}

int BatchSize::hold() const noexcept {
  const int jobs = std::min(hold_growth * value_, hold_target());
  return jobs < hold_jobs_min ? 0 : jobs;
}

int BatchSize::hold_target() const noexcept {
  const auto run_ns = run_ns_.value();
  return run_ns ? static_cast<int>(std::min(hold_target_ns / *run_ns, jobs_of(hold_bytes_max))) : 0;
}

bool BatchSize::may_be_short() const noexcept {
  return !run_ns_.value() || hold_target() >= hold_jobs_min;
}

void BatchSize::step() {
  const auto run_ns = run_ns_.value();
  if (!run_ns)
    return;
  const int wanted =
      static_cast<int>(std::clamp(target_ns / *run_ns, 1.0, jobs_of(batch_bytes_max)));
  value_ = std::min(wanted, value_ * 4);
}

}  // namespace errand
