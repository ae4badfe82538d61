#pragma once

#include <errand/errand.hpp>
#include <functional>
#include <string>
#include <vector>

#include "common/report.hpp"
#include "scenarios/stage.hpp"

namespace errand::bench {

/// What one drain took.
struct Drained {
  double rate{0};             ///< jobs a second
  double worker_cpu_us{0};    ///< for each job
  double database_cpu_us{0};  ///< for each job
  double worker_memory_mb{0};
  double claims{0};       ///< for each job: above 1 when claims were put back
  double submit_rate{0};  ///< jobs a second, in one call
};

/// So many bytes of JSON.
[[nodiscard]] Json payload_of(int bytes);

/// `count` no-op jobs of 100 bytes that are due at `due`.
[[nodiscard]] std::vector<NewJob> no_ops(int count, Due due);

/// Changes the jobs before they are submitted: other queues, other payloads.
using Shape = std::function<void(std::vector<NewJob>&)>;

[[nodiscard]] Shape with_payloads_of(int bytes);

/// Submits jobs that are due at one instant, when all workers sleep, and waits for the last one.
/// The time is from that instant to the last `finished` in the table. Throws when one did not
/// come to this end in its first attempt.
[[nodiscard]] Drained drain_once(Stage& stage,
                                 ServerApp& app,
                                 int jobs,
                                 const Shape& shape = {},
                                 const std::string& outcome = "succeeded");

void add(Report& report, const Drained& drained);

}  // namespace errand::bench
