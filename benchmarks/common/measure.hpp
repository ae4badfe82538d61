#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace errand::bench {

/// CLOCK_BOOTTIME in microseconds: comparable between processes of one machine.
[[nodiscard]] std::int64_t now_us();

struct Spread {
  double minimum{0};
  double median{0};
  double p95{0};
  double p99{0};
  double maximum{0};
};

/// Of at least one value.
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// CPU time of a process so far, user and system, from the scheduler's own account (nanoseconds).
[[nodiscard]] std::int64_t cpu_ns_of(pid_t pid);

/// The same for a server of several processes, with those of its children that have ended.
[[nodiscard]] std::int64_t cpu_ns_of_server(pid_t server);

/// By all children of this process that it has waited for (nanoseconds).
[[nodiscard]] std::int64_t cpu_ns_of_ended_children();

/// The process that started this one, or 0.
[[nodiscard]] pid_t parent_of(pid_t pid);

/// Proportional set size: shared pages are divided among those who share them.
[[nodiscard]] double pss_mb_of(pid_t pid);

[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

/// "123,456"
[[nodiscard]] std::string grouped(double value);

}  // namespace errand::bench
