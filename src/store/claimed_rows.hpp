#pragma once

#include <vector>

#include "store/database.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// Reads what a claim has left out, which nobody changes: all but each job's claim. A job whose row
/// is gone by now is dropped.
void read_claimed_rows(Connection& connection, std::vector<ClaimedJob>& claimed);

}  // namespace errand::sql
