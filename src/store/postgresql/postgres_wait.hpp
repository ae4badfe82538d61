#pragma once

#include <chrono>
#include <optional>

struct pg_conn;

namespace errand::sql {

/// Both wait at most so long, or as long as it takes, and do meanwhile what the other side needs:
/// read what has come, send what is left. False: not in time. True also for a connection that is
/// lost: that shows at the next use.
[[nodiscard]] bool wait_for_answer(pg_conn& connection,
                                   std::optional<std::chrono::milliseconds> patience);
[[nodiscard]] bool wait_until_sent(pg_conn& connection,
                                   std::optional<std::chrono::milliseconds> patience);

}  // namespace errand::sql
