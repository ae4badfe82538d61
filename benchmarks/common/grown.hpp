#pragma once

namespace errand::bench {

/// What the work grows to, the same for errand and the limit.
constexpr int grown_queues = 10'000;
constexpr int grown_priorities = 8;
constexpr int grown_workers = 64;

}  // namespace errand::bench
