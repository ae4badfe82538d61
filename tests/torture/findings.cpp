#include <algorithm>
#include <fmt/format.h>

#include "checker.hpp"

namespace errand::torture {
namespace {

std::string line(const std::string& what, std::size_t count) {
  return fmt::format("| {:<44} | {:>10} |\n", what, count);
}

std::string line(const std::string& what, const Percentiles& times) {
  return fmt::format("| {:<44} | {:>10} | p50 {:.0f} ms, p99 {:.0f} ms, longest {:.0f} ms\n",
                     what,
                     times.count,
                     times.p50_ms,
                     times.p99_ms,
                     times.longest_ms);
}

/// Times count from the first run's start.
std::string line(const Repeat& repeat) {
  const auto ms = [&](std::int64_t time_us) {
    return static_cast<double>(time_us - repeat.before.start) / 1000;
  };
  return fmt::format(
      "job {}: worker {} of node {} ran it for {:.1f} ms and gave its last sign after {:.1f} ms; "
      "worker {} of node {} began it after {:.1f} ms (runs {} and {})\n",
      repeat.before.job,
      repeat.before.worker,
      repeat.before.node,
      ms(repeat.before.end.value_or(repeat.before.start)),
      ms(repeat.last_sign),
      repeat.after.worker,
      repeat.after.node,
      ms(repeat.after.start),
      repeat.before.name,
      repeat.after.name);
}

std::string first_of(const std::vector<Repeat>& repeats) {
  constexpr std::size_t shown = 10;
  std::string text;
  for (std::size_t each = 0; each < std::min(repeats.size(), shown); ++each)
    text += line(repeats[each]);
  return text;
}

}  // namespace

std::string table(const Findings& found) {
  std::string by_kind;
  for (const auto& [kind, count] : found.faults_by_kind)
    by_kind += line("  " + kind, count);
  return line("lost", found.lost) + line("unexpected", found.unexpected) +
         line("finalised by a stale run", found.stale_finalised) +
         line("changed after it had finished", found.resurrected) +
         line("run again without cause", found.duplicated_without_cause) +
         line("two runs at once without cause", found.overlapping_without_cause) +
         line("cron slots missed", found.cron_slots_missed) +
         line("cron slots doubled", found.cron_slots_doubled) + line("faults", found.faults) +
         by_kind + line("rows", found.jobs) + line("acknowledged", found.acknowledged) +
         line("recovered (stored, answer lost)", found.recovered) + line("runs", found.runs) +
         line("run again with cause", found.duplicated_with_cause) +
         line("given up after three crashes", found.poisoned) +
         line("completions refused as stale", found.stale_rejected) +
         line("cron slots", found.cron_slots) +
         line("cron slots over a hundred late, given up", found.cron_slots_given_up) +
         line("rescues after a worker's kill", found.child_rescue) +
         line("rescues after a node's kill", found.node_rescue) + first_of(found.unexplained);
}

}  // namespace errand::torture
