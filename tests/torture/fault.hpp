#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace errand::torture {

/// A way to do harm. Each is an option of the program, "--NAME-every", and a word of the history.
enum class FaultKind {
  kill_worker,
  kill_node,
  freeze_node,
  take_worker,
  restart_database,
  kill_postmaster,
  kill_backends,
  exhaust_pool,
  pin_snapshot,
  read_snapshots,
  lock_table,
  hold_database,
  stall_network,
  reset_network,
  cut_network,
  delay_network,
  fill_disk,
  fail_calls,
  jump_clock,
  kill_after_claim,
  kill_before_flush,
  kill_after_flush,
  kill_before_next_link
};

struct FaultName {
  FaultKind kind{};
  std::string_view name{};
  const char* help{""};
};

/// In the order of the kinds.
[[nodiscard]] const std::array<FaultName, 23>& fault_names();

[[nodiscard]] std::string_view name_of(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> fault_kind(std::string_view name);

/// What was done to whom. A worker that was taken for dead never gets its jobs back.
struct Fault {
  FaultKind kind{FaultKind::kill_worker};
  pid_t node{0};    ///< 0: the database, or the way to it
  pid_t worker{0};  ///< 0: the whole node
  std::int64_t begin{0};
  std::int64_t end{0};
};

[[nodiscard]] std::string line_of(const Fault& fault);

/// Whether a run that it met may be repeated. What hinders the database or the way to it, and loses
/// nothing that was committed, excuses no second run until it may have outlived a lease.
[[nodiscard]] bool excuses_repeats(const Fault& fault);

/// While it lasts, the driver itself cannot write to the database: it would wait for itself.
[[nodiscard]] bool locks_out_driver(FaultKind kind);

}  // namespace errand::torture
