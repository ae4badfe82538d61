#include "checker.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <span>

namespace errand::torture {
namespace {

using Runs = std::span<const Run>;

Percentiles percentiles_of(std::vector<std::int64_t> durations_us) {
  if (durations_us.empty())
    return {};
  std::sort(durations_us.begin(), durations_us.end());
  const auto at = [&](double share) {
    const auto index =
        static_cast<std::size_t>(share * static_cast<double>(durations_us.size() - 1));
    return static_cast<double>(durations_us[index]) / 1000;
  };
  return {durations_us.size(), at(0.5), at(0.99), at(1)};
}

class Checker {
 public:
  Checker(const History& history, const std::vector<FinalRow>& rows) : history_{history} {
    for (const FinalRow& row : rows) {
      rows_[row.id] = &row;
      succeeded_[row.chain] |= row.finished && row.succeeded;
    }
    for (const Run& run : history.runs)
      if (!run.end)
        broken_off_[run.worker] = std::max(broken_off_[run.worker], run.start);
    for (auto first = history.runs.begin(); first != history.runs.end();) {
      const auto end = std::find_if(
          first, history.runs.end(), [&](const Run& run) { return run.job != first->job; });
      runs_[first->job] = Runs{first, end};
      first = end;
    }
  }

  [[nodiscard]] Findings check() {
    found_.jobs = rows_.size();
    found_.runs = history_.runs.size();
    found_.faults = history_.faults.size();
    check_acknowledged();
    for (const auto& [id, row] : rows_)
      check_result(*row);
    for (const auto& [id, runs] : runs_)
      check_repeats(runs);
    check_crons();
    found_.child_rescue = percentiles_of(rescues(true));
    found_.node_rescue = percentiles_of(rescues(false));
    return found_;
  }

 private:
  [[nodiscard]] Runs runs_of(JobId id) const {
    const auto found = runs_.find(id);
    return found == runs_.end() ? Runs{} : found->second;
  }

  void check_acknowledged() {
    std::set<JobId> answered;
    for (const auto& [job] : history_.acknowledged) {
      answered.insert(job);
      const auto row = rows_.find(job);
      found_.lost += row == rows_.end() || !succeeded_.at(row->second->chain) ? 1U : 0U;
    }
    found_.acknowledged = answered.size();
    for (const auto& [id, row] : rows_)
      found_.recovered +=
          row->chain == id && row->cron_tag.empty() && !answered.contains(id) ? 1U : 0U;
  }

  void check_result(const FinalRow& row) {
    if (!row.finished || !row.succeeded)
      return;
    const Runs runs = runs_of(row.id);
    const auto holder =
        std::find_if(runs.begin(), runs.end(), [&](const Run& run) { return run.name == row.run; });
    if (holder == runs.end() || !holder->end)
      ++found_.unexpected;
    else if (&*holder != &runs.back())
      ++found_.stale_finalised;
  }

  void check_repeats(Runs runs) {
    for (std::size_t next = 1; next < runs.size(); ++next) {
      const Run& before = runs[next - 1];
      const Run& after = runs[next];
      const bool caused = !before.end || has_cause(before, after);
      (caused ? found_.duplicated_with_cause : found_.duplicated_without_cause) += 1;
      const bool overlaps = before.end && *before.end > after.start;
      found_.overlapping_without_cause += overlaps && !has_cause(before, after) ? 1U : 0U;
    }
  }

  [[nodiscard]] bool has_cause(const Run& before, const Run& after) const {
    const auto broken = broken_off_.find(before.worker);
    if (broken != broken_off_.end() && broken->second >= before.start)
      return true;
    return std::any_of(history_.faults.begin(), history_.faults.end(), [&](const Fault& fault) {
      const bool concerns = fault.node == 0 || fault.worker == before.worker ||
                            (fault.worker == 0 && fault.node == before.node);
      return concerns && fault.begin <= after.start && fault.end >= before.start;
    });
  }

  /// Each slot between a cron's first and last is there once.
  void check_crons() {
    std::map<std::string, std::map<std::int64_t, int>> slots;
    for (const auto& [id, row] : rows_)
      if (!row->cron_tag.empty() && row->finished && row->chain == id)
        ++slots[row->cron_tag][row->slot_us];
    constexpr std::int64_t second_us = 1'000'000;
    for (const auto& [tag, times] : slots) {
      found_.cron_slots += times.size();
      const auto span = times.rbegin()->first - times.begin()->first;
      found_.cron_slots_missed += static_cast<std::size_t>(span / second_us) + 1 - times.size();
      for (const auto& [slot, count] : times)
        found_.cron_slots_doubled += static_cast<std::size_t>(count - 1);
    }
  }

  /// From a kill to the next run of each job that it interrupted.
  [[nodiscard]] std::vector<std::int64_t> rescues(bool of_child) const {
    std::vector<std::int64_t> durations;
    for (const auto& [id, runs] : runs_)
      for (std::size_t next = 1; next < runs.size(); ++next)
        for (const Fault& fault : history_.faults)
          if (interrupted(fault, runs[next - 1], of_child) && runs[next].start > fault.begin)
            durations.push_back(runs[next].start - fault.begin);
    return durations;
  }

  [[nodiscard]] static bool interrupted(const Fault& fault, const Run& run, bool of_child) {
    if (run.end || fault.begin < run.start)
      return false;
    return of_child ? fault.kind == "kill-worker" && fault.worker == run.worker
                    : fault.kind == "kill-node" && fault.node == run.node;
  }

  const History& history_;
  std::map<JobId, const FinalRow*> rows_{};
  std::map<JobId, bool> succeeded_{};
  std::map<JobId, Runs> runs_{};
  std::map<pid_t, std::int64_t> broken_off_{};  ///< workers that died in a run: when it began
  Findings found_{};
};

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

}  // namespace

bool Findings::clean() const noexcept {
  return lost + unexpected + stale_finalised + duplicated_without_cause +
             overlapping_without_cause + cron_slots_missed + cron_slots_doubled ==
         0;
}

Findings check(const History& history, const std::vector<FinalRow>& rows) {
  return Checker{history, rows}.check();
}

std::string table(const Findings& found) {
  return line("lost", found.lost) + line("unexpected", found.unexpected) +
         line("finalised by a stale run", found.stale_finalised) +
         line("run again without cause", found.duplicated_without_cause) +
         line("two runs at once without cause", found.overlapping_without_cause) +
         line("cron slots missed", found.cron_slots_missed) +
         line("cron slots doubled", found.cron_slots_doubled) + line("faults", found.faults) +
         line("rows", found.jobs) + line("acknowledged", found.acknowledged) +
         line("recovered (stored, answer lost)", found.recovered) + line("runs", found.runs) +
         line("run again with cause", found.duplicated_with_cause) +
         line("cron slots", found.cron_slots) +
         line("rescues after a worker's kill", found.child_rescue) +
         line("rescues after a node's kill", found.node_rescue);
}

}  // namespace errand::torture
