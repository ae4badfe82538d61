#pragma once

#include <span>
#include <vector>

#include "store/database.hpp"
#include "store/job_store.hpp"
#include "store/prepared_parts.hpp"

namespace errand::sql {

/// Whether inserting is all that the transaction does: then it may be committed in the same trip.
enum class Insertion { alone, among_others };

/// T1 on an open transaction: tag policies, idempotency keys, rows. Throws `Error{conflict}` with
/// the field for a taken unique key and for a second waiting link of a cron.
[[nodiscard]] std::vector<Submitted> insert_jobs(Connection& connection,
                                                 std::span<const PreparedJob> jobs,
                                                 TimePoint now,
                                                 const RetentionDefaults& retention,
                                                 Insertion insertion = Insertion::among_others);

/// The same for what is prepared a part at a time. Throws also what refuses one of them.
[[nodiscard]] std::vector<Submitted> insert_parts(Connection& connection,
                                                  PreparedParts& parts,
                                                  TimePoint now,
                                                  const RetentionDefaults& retention);

}  // namespace errand::sql
