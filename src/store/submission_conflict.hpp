#pragma once

#include <span>

#include "jobs/prepared_job.hpp"
#include "store/database.hpp"

namespace errand::sql {

/// Throws a conflict of a statement that stores `jobs` in words that the submitter knows, with the
/// field of the submission.
[[noreturn]] void explain_conflict(const Error& conflict, std::span<const PreparedJob> jobs);

/// What `insert` returns, which stores `jobs`.
template <typename Insert>
auto explaining(std::span<const PreparedJob> jobs, Insert insert) {
  try {
    return insert();
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::conflict)
      throw;
    explain_conflict(failure, jobs);
  }
}

}  // namespace errand::sql
