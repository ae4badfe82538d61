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

/// Writes the claims of held jobs, in an open transaction: of those that nobody else has claimed.
void start_held(Connection& connection, std::span<const Held> jobs);
void start_held(Connection& connection, std::span<const HeldJob> jobs, ProcessId holder);

}  // namespace errand::sql
