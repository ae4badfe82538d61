#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker.hpp"
#include "fleet.hpp"
#include "hygiene.hpp"

namespace errand::torture {

/// Runs that ended, a second.
struct Rates {
  double before{0};  ///< in the calm before the faults
  double during{0};
  double after{0};  ///< in the calm after them, once they had time to recover

  [[nodiscard]] double recovered_percent() const { return before > 0 ? after / before * 100 : 0; }
};

struct Report {
  Findings findings{};
  Hygiene hygiene{};
  std::uint64_t answered{0};
  std::uint64_t unanswered{0};
  double produced_for_s{0};
  double drained_in_s{0};
  bool drained{false};
  std::size_t exits{0};  ///< processes of the beginning that were gone before the nodes were asked
                         ///< to leave
  FleetEnd end{};
  Rates rates{};
};

/// What a campaign must reach besides the counters that must be zero; 0 = not asked for.
struct Bars {
  std::size_t rows{0};
  std::size_t faults{0};
  std::size_t stale_rejected{0};
  std::size_t duplicated_with_cause{0};
  std::size_t cron_slots{0};
  double child_rescue_p99_ms{0};     ///< at most, and at least one was seen
  double node_rescue_longest_ms{0};  ///< the same
  double recovered_percent{0};
  bool no_exits{false};
  bool frozen_workers_replaced{false};
};

/// Each thing that is not as it must be, a sentence each. Empty = all is well.
[[nodiscard]] std::vector<std::string> shortcomings(const Report& report, const Bars& bars);

[[nodiscard]] std::string text_of(const Report& report, const Bars& bars);

/// The runs that ended between two instants, a second.
[[nodiscard]] double rate(const History& history, std::int64_t from_us, std::int64_t to_us);

}  // namespace errand::torture
