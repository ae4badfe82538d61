#include "interleaving/legality.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "interleaving/runs.hpp"

namespace errand::testing {
namespace {

using Kind = Event::Kind;

bool ends_the_job(const Event& event) {
  return event.kind == Kind::finished || event.kind == Kind::cancelled ||
         event.kind == Kind::failed_unknown;
}

JobState state_after(const Event& event) {
  if (event.kind == Kind::finished)
    return event.state;
  return event.kind == Kind::cancelled ? JobState::cancelled : JobState::failed;
}

bool is_over(JobState state) {
  return state != JobState::scheduled && state != JobState::started;
}

class Judge {
 public:
  Judge(const History& history, const std::vector<RowFacts>& rows)
      : history_{history}, rows_{rows} {}

  [[nodiscard]] std::vector<std::string> judge() {
    std::set<JobId> jobs;
    for (const Event& event : history_)
      if (event.job != 0)
        jobs.insert(event.job);
    for (const RowFacts& row : rows_)
      jobs.insert(row.id);
    for (const JobId job : jobs)
      judge_job(job);
    judge_processes();
    judge_chains();
    return std::move(breaches_);
  }

 private:
  void require(bool holds, JobId job, const std::string& sentence) {
    if (!holds)
      breaches_.push_back("job " + std::to_string(job) + ": " + sentence);
  }

  template <typename Which>
  [[nodiscard]] std::vector<Event> events(JobId job, Which which) const {
    std::vector<Event> found;
    std::copy_if(history_.begin(), history_.end(), std::back_inserter(found), [&](const Event& e) {
      return e.job == job && which(e);
    });
    return found;
  }

  [[nodiscard]] std::vector<Event> events(JobId job, Kind kind) const {
    return events(job, [kind](const Event& event) { return event.kind == kind; });
  }

  [[nodiscard]] const RowFacts* row_of(JobId id) const {
    const auto found = std::find_if(
        rows_.begin(), rows_.end(), [id](const RowFacts& row) { return row.id == id; });
    return found == rows_.end() ? nullptr : &*found;
  }

  void judge_job(JobId job) {
    judge_claims(job);
    judge_runs(job);
    judge_ends(job);
    const RowFacts* row = row_of(job);
    require(row != nullptr || !events(job, Kind::removed).empty(), job, "the row is lost");
    if (row == nullptr)
      return;
    require(events(job, Kind::removed).empty(), job, "removed, and still there");
    judge_row(*row);
    judge_followers(*row);
  }

  void judge_claims(JobId job) {
    std::set<int> numbers;
    for (const Event& claim : events(job, Kind::claimed))
      require(numbers.insert(claim.claim_seq).second, job, "claimed twice under one number");
    for (const Event& hold : events(job, Kind::held))
      numbers.insert(hold.claim_seq);
    const auto recorded = events(job, [](const Event& event) {
      return event.kind == Kind::finished || event.kind == Kind::put_back;
    });
    std::map<int, Kind> over;
    for (const Event& end : recorded) {
      require(numbers.contains(end.claim_seq), job, "recorded under a claim that was never made");
      // Who repeats what is recorded is told that it is.
      require(over.emplace(end.claim_seq, end.kind).first->second == end.kind,
              job,
              "recorded in two ways under one claim");
    }
  }

  void judge_runs(JobId job) {
    const auto runs = events(job, begins_a_run);
    for (const Event& run : runs)
      for (const Event& earlier : runs)
        require(earlier.ended_at >= run.began || has_ended_by(history_, earlier, run.ended_at) ||
                    is_dead_by(history_, earlier.process, run.ended_at),
                job,
                "begun while it ran elsewhere");
    for (const Event& refused : events(job, Kind::refused))
      require(is_dead_by(history_, refused.process, refused.ended_at) ||
                  is_decided_by(history_, refused),
              job,
              "taken from a worker that lives");
  }

  void judge_ends(JobId job) {
    const auto ends = events(job, ends_the_job);
    std::set<std::pair<Kind, int>> different;
    for (const Event& end : ends)
      different.emplace(end.kind, end.claim_seq);
    require(different.size() <= 1, job, "ended more than once");
    if (ends.empty())
      return;
    const auto later = events(job, [&](const Event& event) {
      return event.began > ends.front().ended_at &&
             (begins_a_run(event) || event.kind == Kind::put_back || event.kind == Kind::wished);
    });
    require(later.empty(), job, "changed after its end");
  }

  void judge_row(const RowFacts& row) {
    const auto ends = events(row.id, ends_the_job);
    const auto put_back = put_back_claims(row.id);
    judge_number_of_claims(row);
    require(is_over(row.state) == !ends.empty(), row.id, "its end and its row differ");
    if (!ends.empty()) {
      const bool known = std::any_of(ends.begin(), ends.end(), [&](const Event& end) {
        return state_after(end) == row.state;
      });
      require(known, row.id, "another end than was answered");
    } else {
      judge_runner(row);
      require(events(row.id, Kind::wished).empty() || row.cancel_requested,
              row.id,
              "the wish to cancel it is lost");
    }
    int least = 0;
    int most = static_cast<int>(events(row.id, Kind::blamed).size());
    for (const auto& [number, blames] : put_back) {
      least += blames.contains(false) ? 0 : 1;
      most += blames.contains(true) ? 1 : 0;
    }
    require(row.crash_count >= least && row.crash_count <= most,
            row.id,
            "blamed too often or not at all");
  }

  /// What is only held is claimed when its end is written, or never.
  void judge_number_of_claims(const RowFacts& row) {
    std::set<int> least;
    std::set<int> most;
    for (const Event& run : events(row.id, begins_a_run)) {
      most.insert(run.claim_seq);
      if (run.kind == Kind::claimed)
        least.insert(run.claim_seq);
    }
    const auto claims = static_cast<std::size_t>(row.claim_seq);
    require(claims >= least.size() && claims <= most.size(), row.id, "wrong number of claims");
  }

  /// Of a row that has not ended.
  void judge_runner(const RowFacts& row) {
    constexpr int at_last = std::numeric_limits<int>::max();
    const bool started = row.state == JobState::started;
    const auto runs = events(row.id, [&](const Event& event) {
      return begins_a_run(event) && !has_ended_by(history_, event, at_last);
    });
    const bool known = std::any_of(runs.begin(), runs.end(), [&](const Event& run) {
      return run.process == row.claimed_by && run.claim_seq == row.claim_seq;
    });
    require(!started || known, row.id, "runs for nobody");
    for (const Event& run : runs) {
      if (is_dead_by(history_, run.process, at_last))
        continue;
      require(started || run.kind == Kind::held, row.id, "runs, and waits");
      require(!started || row.claimed_by == run.process, row.id, "held by another than claimed it");
    }
  }

  /// By the claim's number: whether those who put it back blamed the job. The first one's word
  /// counts; the others were told that it is put back.
  [[nodiscard]] std::map<int, std::set<bool>> put_back_claims(JobId job) const {
    std::map<int, std::set<bool>> claims;
    for (const Event& event : events(job, Kind::put_back))
      claims[event.claim_seq].insert(event.blamed);
    return claims;
  }

  void judge_followers(const RowFacts& row) {
    const auto operators = static_cast<std::int64_t>(events(row.id, Kind::retried).size());
    const auto [least, most] = followers(row.id, &Event::retry_follows);
    std::int64_t found = 0;
    for (const RowFacts& other : rows_)
      if (other.rescheduled_from == row.id && !is_next_link(other)) {
        ++found;
        require(other.attempt > row.attempt, other.id, "a retry with the wrong number");
      }
    const auto gone = std::count_if(history_.begin(), history_.end(), [](const Event& event) {
      return event.kind == Kind::removed;
    });
    require(found <= operators + most && found >= operators + least - gone,
            row.id,
            "a retry row too many or too few");
    for (const Event& retry : events(row.id, Kind::retried)) {
      const auto ends = events(row.id, ends_the_job);
      require(!ends.empty() && ends.front().began <= retry.ended_at,
              row.id,
              "retried before it had ended");
    }
  }

  /// How many rows follow the end, at least and at most: one write counts, and whoever repeats it
  /// is told that it is done.
  [[nodiscard]] std::pair<int, int> followers(JobId job, bool Event::*follows) const {
    const auto ends = events(job, Kind::finished);
    const auto follow = [follows](const Event& end) {
      return end.*follows;
    };
    return {!ends.empty() && std::all_of(ends.begin(), ends.end(), follow) ? 1 : 0,
            std::any_of(ends.begin(), ends.end(), follow) ? 1 : 0};
  }

  static bool is_next_link(const RowFacts& row) { return row.is_cron && row.attempt == 1; }

  /// A dead process gets nothing, and what it held is somebody's business once that was looked for.
  void judge_processes() {
    for (const Event& end : history_) {
      if (end.kind != Kind::ended)
        continue;
      for (const Event& claim : history_)
        require(!begins_a_run(claim) || claim.process != end.process || claim.began <= end.ended_at,
                claim.job,
                "claimed by a process that was dead");
      const bool rescued = std::any_of(history_.begin(), history_.end(), [&](const Event& event) {
        return event.kind == Kind::looked && event.process == end.process &&
               event.began > end.ended_at;
      });
      for (const RowFacts& row : rows_)
        require(!rescued || row.state != JobState::started || row.claimed_by != end.process,
                row.id,
                "left with a dead process");
    }
  }

  /// At most one link of a cron waits; one that ended for good is followed.
  void judge_chains() {
    std::set<std::string> waiting;
    for (const RowFacts& row : rows_)
      if (row.is_cron && row.state == JobState::scheduled)
        require(waiting.insert(row.tag).second, row.id, "a second link of its cron waits");
    for (const Event& event : history_) {
      const RowFacts* row = row_of(event.job);
      if (event.kind != Kind::finished || !event.link_follows || row == nullptr)
        continue;
      const bool followed = std::any_of(rows_.begin(), rows_.end(), [&](const RowFacts& other) {
        return other.tag == row->tag && other.id > row->id;
      });
      require(followed || waiting.contains(row->tag), row->id, "its cron has no next link");
    }
  }

  const History& history_;
  const std::vector<RowFacts>& rows_;
  std::vector<std::string> breaches_{};
};

}  // namespace

std::vector<std::string> breaches_of(const History& history, const std::vector<RowFacts>& rows) {
  return Judge{history, rows}.judge();
}

}  // namespace errand::testing
