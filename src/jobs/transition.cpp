#include "jobs/transition.hpp"

#include <algorithm>
#include <errand/error.hpp>
#include <utility>

#include "jobs/cron.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

constexpr milliseconds snooze_max{std::chrono::days{36'525}};

/// A row that another program wrote may carry a schedule that is none: its run still ends, and the
/// chain with it.
std::optional<TimePoint> slot_after(const RunFacts& facts, TimePoint now) {
  if (facts.cron_schedule.empty())
    return std::nullopt;
  try {
    const Cron cron = Cron::parse(facts.cron_schedule, facts.timezone);
    return following_slot(cron, facts.cron_slot.value_or(now), now, facts.misfire);
  } catch (const Error&) {
    return std::nullopt;
  }
}

Transition scheduled_again(milliseconds delay, int crash_count) {
  Transition transition;
  transition.to = Transition::To::scheduled;
  transition.state = JobState::scheduled;
  transition.delay = std::clamp(delay, milliseconds{0}, snooze_max);
  transition.crash_count = crash_count;
  return transition;
}

Transition finished(JobState state, std::string_view reason, std::string result) {
  Transition transition;
  transition.state = state;
  transition.reason = reason;
  transition.result = std::move(result);
  return transition;
}

Transition failed(std::string_view reason, const Json& error) {
  return finished(JobState::failed, reason, error_text(error));
}

/// What one link of a chain needs when it has ended for good.
Transition with_next_slot(Transition transition, const RunFacts& facts, TimePoint now) {
  transition.crash_count = facts.crash_count;
  transition.next_slot = slot_after(facts, now);
  return transition;
}

Transition with_retry_or_next_slot(Transition transition,
                                   std::optional<milliseconds> retry_delay,
                                   const RunFacts& facts,
                                   TimePoint now) {
  if (!retry_delay)
    return with_next_slot(std::move(transition), facts, now);
  transition.crash_count = facts.crash_count;
  transition.retry_delay = retry_delay;
  return transition;
}

Transition after_crash(RunFacts facts,
                       const Json& error,
                       std::optional<milliseconds> retry_delay,
                       TimePoint now) {
  ++facts.crash_count;
  if (facts.crash_count >= poison_crash_count)
    return with_next_slot(failed("crashed", error), facts, now);
  if (!retry_delay)
    return scheduled_again(milliseconds{0}, facts.crash_count);
  return with_retry_or_next_slot(failed("crashed", error), retry_delay, facts, now);
}

}  // namespace

Transition decide(const RunFacts& facts,
                  const RunResult& result,
                  const RetryPolicy& policy,
                  TimePoint now,
                  double random) {
  const auto retry_delay = [&] {
    return policy.delay_after(facts.attempt, result.error, random);
  };
  switch (result.end) {
    case RunEnd::succeeded:
      return with_next_slot(finished(JobState::succeeded, "", result.result), facts, now);
    case RunEnd::failed:
      return with_retry_or_next_slot(failed("error", result.error), retry_delay(), facts, now);
    case RunEnd::timed_out:
      return with_retry_or_next_slot(failed("timed_out", result.error), retry_delay(), facts, now);
    case RunEnd::gave_up:
      return with_next_slot(failed("gave_up", result.error), facts, now);
    case RunEnd::unknown_type:
      return with_next_slot(failed("unknown_type", result.error), facts, now);
    case RunEnd::cancelled: {
      std::string error = result.error.is_null() ? std::string{} : error_text(result.error);
      return with_next_slot(
          finished(JobState::cancelled, "cancelled", std::move(error)), facts, now);
    }
    case RunEnd::snoozed:
      return scheduled_again(result.snooze, facts.crash_count);
    case RunEnd::released:
      return scheduled_again(milliseconds{0}, facts.crash_count);
    case RunEnd::crashed:
      return after_crash(facts, result.error, retry_delay(), now);
  }
  throw Error{ErrorKind::bug, "a run ended in a way that no rule covers; report it"};
}

}  // namespace errand
