#pragma once

#include "interleaving/history.hpp"

namespace errand::testing {

// What a history tells of runs: each begins with a claim or a hold. `time` is the history's clock.

[[nodiscard]] bool begins_a_run(const Event& event);

/// The end of the run that began so had been asked for.
[[nodiscard]] bool has_ended_by(const History& history, const Event& run, int time);

[[nodiscard]] bool is_dead_by(const History& history, ProcessId process, int time);

/// Somebody had ended the job, or this claim of it, when the refused recording was answered.
[[nodiscard]] bool is_decided_by(const History& history, const Event& refused);

}  // namespace errand::testing
