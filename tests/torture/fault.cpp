#include "fault.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace errand::torture {

const std::array<FaultName, 23>& fault_names() {
  using enum FaultKind;
  static constexpr std::array<FaultName, 23> names{{
      {kill_worker, "kill-worker", "kill -9 of a worker"},
      {kill_node, "kill-node", "kill -9 of a node with all its workers"},
      {freeze_node, "freeze-node", "a node stands still, for --freeze-for"},
      {take_worker, "take-worker", "a worker is taken for dead while it lives"},
      {restart_database, "restart-database", "by --restart-command"},
      {kill_postmaster, "kill-postmaster", "kill -9 of PostgreSQL's main process, then a restart"},
      {kill_backends, "kill-backends", "one session of PostgreSQL is ended by another"},
      {exhaust_pool, "exhaust-pool", "300 idle connections, or all that PostgreSQL has, are held"},
      {pin_snapshot, "pin-snapshot", "a transaction stays open and idle"},
      {read_snapshots, "read-snapshots", "4 repeatable-read transactions read the jobs and stay"},
      {lock_table, "lock-table", "PostgreSQL's table of jobs is locked"},
      {hold_database, "hold-database", "another program holds SQLite's write lock"},
      {stall_network, "stall-network", "nothing passes between errand and PostgreSQL"},
      {reset_network, "reset-network", "every connection to PostgreSQL is reset"},
      {cut_network, "cut-network", "connections to PostgreSQL are cut after some bytes"},
      {delay_network, "delay-network", "what passes to and from PostgreSQL takes longer"},
      {fill_disk, "fill-disk", "the database's file system, a small one of its own, is full"},
      {fail_calls, "fail-calls", "system calls of a worker fail (strace)"},
      {jump_clock, "jump-clock", "the clock of the first node jumps (libfaketime)"},
      {kill_after_claim, "kill-after-claim", "kill -9 of a worker that has just claimed"},
      {kill_before_flush, "kill-before-flush", "… that is about to record what it ran"},
      {kill_after_flush, "kill-after-flush", "… that has just recorded it"},
      {kill_before_next_link, "kill-before-next-link", "… between a cron's run and its next"},
  }};
  return names;
}

std::string_view name_of(FaultKind kind) {
  return fault_names().at(static_cast<std::size_t>(kind)).name;
}

std::optional<FaultKind> fault_kind(std::string_view name) {
  for (const FaultName& each : fault_names())
    if (each.name == name)
      return each.kind;
  return std::nullopt;
}

std::string line_of(const Fault& fault) {
  return fmt::format("fault {} {} {} {} {}",
                     name_of(fault.kind),
                     fault.node,
                     fault.worker,
                     fault.begin,
                     fault.end);
}

bool excuses_repeats(const Fault& fault) {
  constexpr std::int64_t safely_within_lease_us = 20'000'000;
  switch (fault.kind) {
    case FaultKind::kill_worker:
    case FaultKind::kill_node:
    case FaultKind::freeze_node:
    case FaultKind::take_worker:
    case FaultKind::restart_database:
    case FaultKind::kill_postmaster:
    case FaultKind::fail_calls:
    case FaultKind::kill_after_claim:
    case FaultKind::kill_before_flush:
    case FaultKind::kill_after_flush:
    case FaultKind::kill_before_next_link:
      return true;
    case FaultKind::jump_clock:
      return fault.node == 0;  // the clock was the database's
    default:
      return fault.end - fault.begin >= safely_within_lease_us;
  }
}

bool locks_out_driver(FaultKind kind) {
  return kind == FaultKind::hold_database || kind == FaultKind::lock_table ||
         kind == FaultKind::exhaust_pool;
}

}  // namespace errand::torture
