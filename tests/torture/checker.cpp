#include "checker.hpp"

#include <algorithm>
#include <limits>
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
      Chain& chain = chains_[row.chain];
      chain.succeeded |= row.finished && row.succeeded;
      chain.poisoned |= row.finished && row.poisoned;
    }
    for (const Run& run : history.runs) {
      std::int64_t& sign = last_signs_[run.worker];
      sign = std::max(sign, run.end.value_or(run.start));
      if (!run.end)
        note_broken_off(run);
    }
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
    for (const Fault& fault : history_.faults)
      ++found_.faults_by_kind[std::string{name_of(fault.kind)}];
    found_.stale_rejected = history_.refused.size();
    found_.resurrected = history_.rewritten.size();
    check_acknowledged();
    for (const auto& [id, row] : rows_)
      check_result(*row);
    for (const auto& [id, runs] : runs_)
      check_repeats(runs);
    check_crons();
    found_.child_rescue = percentiles_of(rescues(FaultKind::kill_worker));
    found_.node_rescue = percentiles_of(rescues(FaultKind::kill_node));
    return found_;
  }

 private:
  struct Chain {
    bool succeeded{false};
    bool poisoned{false};
    int broken_off{0};

    /// A worker may have died between taking up a job and telling us: that one is not counted here.
    [[nodiscard]] bool may_be_poison() const { return poisoned && broken_off >= 2; }
  };

  void note_broken_off(const Run& run) {
    broken_off_.insert(run.worker);
    if (const auto row = rows_.find(run.job); row != rows_.end())
      ++chains_[row->second->chain].broken_off;
  }

  [[nodiscard]] Runs runs_of(JobId id) const {
    const auto found = runs_.find(id);
    return found == runs_.end() ? Runs{} : found->second;
  }

  void check_acknowledged() {
    std::set<JobId> answered;
    for (const auto& [job] : history_.acknowledged) {
      answered.insert(job);
      const auto row = rows_.find(job);
      const Chain chain = row == rows_.end() ? Chain{} : chains_.at(row->second->chain);
      const bool poison = !chain.succeeded && chain.may_be_poison();
      found_.poisoned += poison ? 1U : 0U;
      found_.lost += !chain.succeeded && !poison ? 1U : 0U;
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
    else if (std::any_of(holder + 1, runs.end(), [&](const Run& run) { return !had_lost(run); }))
      ++found_.stale_finalised;
  }

  /// Its job was no longer its worker's when it began: the worker did not know yet.
  [[nodiscard]] bool had_lost(const Run& run) const {
    return std::any_of(history_.faults.begin(), history_.faults.end(), [&](const Fault& fault) {
      const bool takes =
          fault.kind == FaultKind::take_worker || fault.kind == FaultKind::freeze_node;
      return takes && concerns(fault, run) && fault.begin <= run.start && run.start <= last(fault);
    });
  }

  void check_repeats(Runs runs) {
    for (std::size_t next = 1; next < runs.size(); ++next) {
      const Run& before = runs[next - 1];
      const Run& after = runs[next];
      const bool caused = !before.end || has_cause(before, after);
      (caused ? found_.duplicated_with_cause : found_.duplicated_without_cause) += 1;
      if (!caused)
        found_.unexplained.push_back({before, after, last_signs_.at(before.worker)});
      const bool overlaps = before.end && *before.end > after.start;
      found_.overlapping_without_cause += overlaps && !has_cause(before, after) ? 1U : 0U;
    }
  }

  /// Its worker was ended by another of its jobs before it had recorded this one.
  [[nodiscard]] bool died_soon_after(const Run& run) const {
    constexpr std::int64_t recorded_within_us = 1'000'000;
    return run.end && broken_off_.contains(run.worker) &&
           last_signs_.at(run.worker) - *run.end <= recorded_within_us;
  }

  [[nodiscard]] bool has_cause(const Run& before, const Run& after) const {
    return died_soon_after(before) || had_lost(after) ||
           std::any_of(history_.faults.begin(), history_.faults.end(), [&](const Fault& fault) {
             return excuses_repeats(fault) && concerns(fault, before) &&
                    fault.begin <= after.start && over(fault) >= before.start;
           });
  }

  [[nodiscard]] static bool concerns(const Fault& fault, const Run& run) {
    return fault.node == 0 || fault.worker == run.worker ||
           (fault.worker == 0 && fault.node == run.node);
  }

  [[nodiscard]] static std::int64_t last(const Fault& fault) {
    return fault.kind == FaultKind::take_worker ? std::numeric_limits<std::int64_t>::max()
                                                : fault.end;
  }

  /// Whoever is killed has a moment left: a process that kills itself writes that down before, and
  /// its other threads go on until the signal has reached them.
  [[nodiscard]] static std::int64_t over(const Fault& fault) {
    constexpr std::int64_t moment_us = 100'000;
    const std::int64_t end = last(fault);
    const bool has_victim = fault.node != 0 && end != std::numeric_limits<std::int64_t>::max();
    return has_victim ? end + moment_us : end;
  }

  /// Each slot between a cron's first and last is there once, but for those that were more than a
  /// hundred late when the next was written.
  void check_crons() {
    std::map<std::string, std::multimap<std::int64_t, const FinalRow*>> crons;
    for (const auto& [id, row] : rows_)
      if (!row->cron_tag.empty() && row->finished && row->chain == id)
        crons[row->cron_tag].emplace(row->slot_us, row);
    for (const auto& [tag, runs] : crons) {
      ++found_.cron_slots;
      for (auto run = runs.begin(), next = std::next(run); next != runs.end(); run = next++)
        check_slots_between(run->first, *next->second);
    }
  }

  void check_slots_between(std::int64_t slot_us, const FinalRow& next) {
    constexpr std::int64_t second_us = 1'000'000;
    constexpr std::int64_t late_slots_max = 100;
    if (next.slot_us == slot_us) {
      ++found_.cron_slots_doubled;
      return;
    }
    ++found_.cron_slots;
    const std::int64_t kept_from_us = next.created_us - late_slots_max * second_us;
    for (std::int64_t slot = slot_us + second_us; slot < next.slot_us; slot += second_us)
      ++(slot > kept_from_us ? found_.cron_slots_missed : found_.cron_slots_given_up);
  }

  /// From a kill to the next run of each job that it interrupted.
  [[nodiscard]] std::vector<std::int64_t> rescues(FaultKind kind) const {
    std::vector<std::int64_t> durations;
    for (const auto& [id, runs] : runs_)
      for (std::size_t next = 1; next < runs.size(); ++next)
        if (const Fault* fault = interruption(runs[next - 1], runs[next], kind))
          durations.push_back(runs[next].start - fault->begin);
    return durations;
  }

  /// The kill that this run died of; nothing when the rescue of its job met with another fault:
  /// then it is not the rescue that is measured.
  [[nodiscard]] const Fault* interruption(const Run& run, const Run& next, FaultKind kind) const {
    if (run.end)
      return nullptr;
    const Fault* found = nullptr;
    for (const Fault& fault : history_.faults) {
      if (!concerns(fault, run) || fault.end < run.start || fault.begin > next.start)
        continue;
      if (found != nullptr || fault.kind != kind)
        return nullptr;
      found = &fault;
    }
    return found;
  }

  const History& history_;
  std::map<JobId, const FinalRow*> rows_{};
  std::map<JobId, Chain> chains_{};
  std::map<JobId, Runs> runs_{};
  std::set<pid_t> broken_off_{};                ///< workers that died in a run
  std::map<pid_t, std::int64_t> last_signs_{};  ///< of each worker
  Findings found_{};
};

}  // namespace

Findings check(const History& history, const std::vector<FinalRow>& rows) {
  return Checker{history, rows}.check();
}

}  // namespace errand::torture
