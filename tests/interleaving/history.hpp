#pragma once

#include <errand/job.hpp>
#include <string>
#include <vector>

#include "store/job_store.hpp"

namespace errand::testing {

/// One call of somebody's, and what was answered about one job.
struct Event {
  enum class Kind {
    claimed,    ///< `process` got the job, under `claim_seq`
    held,       ///< the same, and nothing is written yet
    let_go,     ///< what `process` held is held no longer, and did not begin
    finished,   ///< recorded: `state`, with a retry row or a next link
    put_back,   ///< recorded, blamed or not
    refused,    ///< a recording was stale
    ended,      ///< `process` was declared dead
    blamed,     ///< it ran when its process died: a crash may be counted
    looked,     ///< `process`'s claims were read, and all of them have been recorded since
    cancelled,  ///< the waiting job was ended
    wished,     ///< the running job was asked to end
    retried,    ///< by an operator
    removed,    ///< the row is gone
    failed_unknown,
  };

  Kind kind{};
  JobId job{0};
  ProcessId process{0};
  int claim_seq{0};
  JobState state{JobState::scheduled};
  bool retry_follows{false};
  bool link_follows{false};
  bool blamed{false};
  /// When it was asked and when it was answered, in steps of one clock: two events overlap when
  /// neither ended before the other began.
  int began{0};
  int ended_at{0};
};

using History = std::vector<Event>;

/// A row at the end.
struct RowFacts {
  JobId id{0};
  std::string tag{};
  bool is_cron{false};
  JobState state{JobState::scheduled};
  int claim_seq{0};
  ProcessId claimed_by{0};
  int attempt{1};
  int crash_count{0};
  bool cancel_requested{false};
  JobId rescheduled_from{0};
};

}  // namespace errand::testing
