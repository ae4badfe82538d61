#pragma once

#include <span>
#include <vector>

#include "store/connection_pool.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// T3 to T5 on an open transaction, fenced by id, claim_seq, holder and "started, not finished".
/// Sets `recorded[n]` for each completion: written now, or before under this same claim. What was
/// held is claimed by the same write, fenced by "nobody has claimed it since". Throws when the
/// database refuses one of them; the transaction is then to be rolled back.
void record(Connection& connection,
            std::span<const Completion> completions,
            TimePoint now,
            const RetentionDefaults& retention,
            std::vector<bool>& recorded);

/// The same in transactions of its own, halved until the refused completions stand alone: those are
/// reported as not recorded.
[[nodiscard]] std::vector<bool> record_apart(ConnectionPool& pool,
                                             std::span<const Completion> completions,
                                             std::optional<TimePoint> now,
                                             const RetentionDefaults& retention);

/// Of jobs that run under these claims, in an open transaction.
void write_progress(Connection& connection, std::span<const ProgressUpdate> updates);

}  // namespace errand::sql
