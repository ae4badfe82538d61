#pragma once

#include <span>
#include <vector>

#include "store/database.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// T1 on an open transaction: tag policies, idempotency keys, rows. Throws `Error{conflict}` with
/// the field for a taken unique key and for a second waiting link of a cron.
[[nodiscard]] std::vector<Submitted> insert_jobs(Connection& connection,
                                                 std::span<const PreparedJob> jobs,
                                                 TimePoint now,
                                                 const RetentionDefaults& retention);

}  // namespace errand::sql
