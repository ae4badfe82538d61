#pragma once

#include <span>

#include "store/database.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// A held job and the process that holds it.
struct Held {
  HeldJob job{};
  ProcessId holder{0};
};

/// Its lease is not over.
[[nodiscard]] bool is_alive(Connection& connection, ProcessId process);
/// The same for `process_is_alive` among other statements.
[[nodiscard]] Batch asks_if_alive(ProcessId process, bool& alive);

/// Whether these, which were claimed together, are held.
[[nodiscard]] bool holds_any(std::span<const ClaimedJob> claimed);

/// Writes the claims of held jobs, in an open transaction: of those that nobody else has claimed.
void start_held(Connection& connection, std::span<const Held> jobs);
void start_held(Connection& connection, std::span<const HeldJob> jobs, ProcessId holder);

/// Before anything is decided about waiting jobs, in an open transaction: where a note holds them,
/// what is held becomes the running job that it is. Where locks hold them, these were waited for.
void write_noted_claim(Connection& connection, JobId id, TimePoint now);
void write_noted_claims_of_tag(Connection& connection, std::string_view tag, TimePoint now);

}  // namespace errand::sql
