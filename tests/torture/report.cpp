#include "report.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace errand::torture {
namespace {

class Complaints {
 public:
  void none(const char* what, std::size_t count) {
    if (count != 0)
      add("{}: {}, but 0 is allowed", what, count);
  }

  void at_least(const char* what, double found, double bar) {
    if (found < bar)
      add("{}: {:.1f}, but at least {:.1f} must be reached", what, found, bar);
  }

  void at_most(const char* what, const Percentiles& seen, double found, double bar) {
    if (bar > 0 && seen.count == 0)
      add("{}: none was seen", what);
    else if (bar > 0 && found > bar)
      add("{}: {:.0f} ms, but at most {:.0f} ms are allowed", what, found, bar);
  }

  template <typename... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    all_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(all_); }

 private:
  std::vector<std::string> all_{};
};

void hold_to_promise(Complaints& complaints, const Findings& found) {
  complaints.none("lost", found.lost);
  complaints.none("unexpected", found.unexpected);
  complaints.none("finalised by a stale run", found.stale_finalised);
  complaints.none("changed after it had finished", found.resurrected);
  complaints.none("run again without cause", found.duplicated_without_cause);
  complaints.none("two runs at once without cause", found.overlapping_without_cause);
  complaints.none("cron slots missed", found.cron_slots_missed);
  complaints.none("cron slots doubled", found.cron_slots_doubled);
}

void hold_to_hygiene(Complaints& complaints, const Hygiene& left) {
  complaints.none("zombies", left.zombies);
  complaints.none("descriptors leaked", left.descriptors_leaked);
  complaints.none("threads leaked", left.threads_leaked);
  complaints.none("temporary files left", left.files_left);
  complaints.none("transactions left open", left.open_transactions);
  complaints.none("advisory locks left", left.advisory_locks);
  if (!left.damage.empty())
    complaints.add("the database is damaged: {}", left.damage);
}

std::string text_of(const Hygiene& left) {
  return fmt::format(
      "left behind: {} zombies, {} descriptors, {} threads, {} temporary files, {} open "
      "transactions, {} advisory locks; the database is {}, its WAL has {:.0f} MB{}\n",
      left.zombies,
      left.descriptors_leaked,
      left.threads_leaked,
      left.files_left,
      left.open_transactions,
      left.advisory_locks,
      left.damage.empty() ? "whole" : "damaged",
      static_cast<double>(left.wal_bytes) / 1e6,
      left.leaked);
}

double as_double(std::size_t count) {
  return static_cast<double>(count);
}

}  // namespace

std::vector<std::string> shortcomings(const Report& report, const Bars& bars) {
  const Findings& found = report.findings;
  Complaints complaints;
  hold_to_promise(complaints, found);
  hold_to_hygiene(complaints, report.hygiene);
  if (!report.drained)
    complaints.add("{}", "jobs were left when the time to drain was over");
  complaints.none("nodes that did not end well",
                  static_cast<std::size_t>(report.end.nodes_that_did_not_end_well));
  complaints.none("nodes that ended by themselves",
                  static_cast<std::size_t>(report.end.nodes_that_ended_unasked));
  complaints.at_least("rows", as_double(found.jobs), as_double(bars.rows));
  complaints.at_least("faults", as_double(found.faults), as_double(bars.faults));
  complaints.at_least("completions refused as stale",
                      as_double(found.stale_rejected),
                      as_double(bars.stale_rejected));
  complaints.at_least("run again with cause",
                      as_double(found.duplicated_with_cause),
                      as_double(bars.duplicated_with_cause));
  complaints.at_least("cron slots", as_double(found.cron_slots), as_double(bars.cron_slots));
  complaints.at_most("p99 of rescues after a worker's kill",
                     found.child_rescue,
                     found.child_rescue.p99_ms,
                     bars.child_rescue_p99_ms);
  complaints.at_most("longest rescue after a node's kill",
                     found.node_rescue,
                     found.node_rescue.longest_ms,
                     bars.node_rescue_longest_ms);
  complaints.at_least("percent of the rate before the faults",
                      report.rates.recovered_percent(),
                      bars.recovered_percent);
  if (bars.no_exits)
    complaints.none("processes that ended", report.exits);
  if (bars.frozen_workers_replaced &&
      (report.end.frozen_workers == 0 ||
       report.end.frozen_workers_replaced != report.end.frozen_workers))
    complaints.add("{} of {} frozen workers were replaced, but all must be",
                   report.end.frozen_workers_replaced,
                   report.end.frozen_workers);
  return complaints.take();
}

std::string text_of(const Report& report, const Bars& bars) {
  const double answered = static_cast<double>(report.answered);
  std::string text = table(report.findings);
  text += fmt::format("submitted for {:.0f} s: {} answered ({:.0f}/s), {} without an answer\n",
                      report.produced_for_s,
                      report.answered,
                      answered / std::max(report.produced_for_s, 1e-9),
                      report.unanswered);
  text += fmt::format("drained {} in {:.1f} s; {} processes ended before they were asked to\n",
                      report.drained ? "whole" : "NOT whole",
                      report.drained_in_s,
                      report.exits);
  if (report.end.frozen_workers > 0)
    text += fmt::format("{} of {} frozen workers were replaced\n",
                        report.end.frozen_workers_replaced,
                        report.end.frozen_workers);
  text += text_of(report.hygiene);
  if (report.rates.before > 0)
    text += fmt::format("runs a second: {:.0f} before, {:.0f} during, {:.0f} after ({:.1f} %)\n",
                        report.rates.before,
                        report.rates.during,
                        report.rates.after,
                        report.rates.recovered_percent());
  const std::vector<std::string> complaints = shortcomings(report, bars);
  for (const std::string& complaint : complaints)
    text += "MISSED: " + complaint + "\n";
  return text + (complaints.empty() ? "clean\n" : "NOT CLEAN\n");
}

double rate(const History& history, std::int64_t from_us, std::int64_t to_us) {
  const auto ended = std::count_if(history.runs.begin(), history.runs.end(), [&](const Run& run) {
    return run.end && *run.end >= from_us && *run.end < to_us;
  });
  const double seconds = static_cast<double>(to_us - from_us) / 1e6;
  return seconds > 0 ? static_cast<double>(ended) / seconds : 0;
}

}  // namespace errand::torture
