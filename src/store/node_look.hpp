#pragma once

#include "store/database.hpp"
#include "store/head_memory.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// One question where nothing is due; where something is, a second one asks whether it is of a type
/// and queue that the node serves. The memory is the node's.
[[nodiscard]] NodeLook look_for_node(Connection& connection,
                                     const LookRequest& request,
                                     HeadMemory& memory,
                                     JobStore::Now now);

}  // namespace errand::sql
