#pragma once

#include <errand/job.hpp>
#include <optional>
#include <string>

namespace errand {

/// How a run ended, before the rules say what that means for the row.
enum class RunEnd {
  succeeded,
  failed,    ///< the handler threw
  gave_up,   ///< Outcome::give_up, or a payload that does not decode
  snoozed,   ///< Outcome::snooze
  released,  ///< never really started, or interrupted by a shutdown: not the job's fault
  crashed,   ///< its process died while it ran
  timed_out,
  cancelled,  ///< a cancel was asked for and the handler stopped
  unknown_type,
};

/// The facts about the row that the rules need.
struct RunFacts {
  int attempt{1};
  int crash_count{0};
  std::string_view cron_schedule{};  ///< empty = not a cron
  std::string_view timezone{};
  Misfire misfire{Misfire::latest};
  std::optional<TimePoint> cron_slot{};
};

struct RunResult {
  RunEnd end{RunEnd::succeeded};
  std::string result{};  ///< JSON text of the handler's result, or empty
  Json error = nullptr;  ///< object with at least "error", for every end that is a failure
  milliseconds snooze{0};
};

/// What the row becomes, and which rows follow it, all in one transaction.
struct Transition {
  enum class To { finished, scheduled };

  To to{To::finished};
  JobState state{JobState::succeeded};  ///< of a finished row
  std::string reason{};                 ///< empty when it succeeded
  std::string result{};  ///< JSON text for the `result` column (result or error), or empty for NULL
  milliseconds delay{0};  ///< of a row that goes back to scheduled: due = now + delay
  int crash_count{0};     ///< the row's and its retry's from now on
  std::optional<milliseconds> retry_delay{};  ///< a retry row, attempt + 1, due = now + this
  std::optional<TimePoint> next_slot{};       ///< the next cron row, due then
};

/// Process deaths after which a job is poison: finished failed, reason `crashed`, whatever its
/// policy.
inline constexpr int poison_crash_count = 3;

/// T3, T4, T5 and the blamed half of T6 of docs/state_machine.md, as a function of values.
///   succeeded → finished ok. failed, timed_out → finished failed, and a retry row if the policy
///   grants one. gave_up, unknown_type → finished failed, no retry. cancelled → finished cancelled.
///   snoozed → scheduled after the delay. released → scheduled at once.
///   crashed → crash_count + 1; poison → finished failed; else with a retry from the policy →
///   finished failed (crashed) and that retry row; else → scheduled again at once, the same row: a
///   crash is not the handler's verdict.
/// A finished link of a cron without a retry row gets `next_slot`; with one, the retry is the
/// chain's live link. `now` is the database's time; `random` is uniform in [0, 1).
[[nodiscard]] Transition decide(const RunFacts& facts,
                                const RunResult& result,
                                const RetryPolicy& policy,
                                TimePoint now,
                                double random);

}  // namespace errand
