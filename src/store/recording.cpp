#include "store/recording.hpp"

#include <algorithm>
#include <map>

#include "base/probe.hpp"
#include "store/alike_runs.hpp"
#include "store/held_jobs.hpp"
#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

using std::chrono::microseconds;

constexpr int parameters_per_row = 9;

std::string_view outcome_of(const Transition& transition) {
  switch (transition.state) {
    case JobState::succeeded:
      return "succeeded";
    case JobState::cancelled:
      return "cancelled";
    default:
      return "failed";
  }
}

class Recording {
 public:
  Recording(Connection& connection,
            TimePoint now,
            const RetentionDefaults& retention,
            std::vector<bool>& recorded)
      : connection_{connection}, now_{now}, retention_{retention}, recorded_{recorded} {}

  /// In the order of ids: two transactions that record never wait for each other in a circle.
  void record_all(std::span<const Completion> completions) {
    completions_ = completions;
    recorded_.assign(completions.size(), false);
    find_the_dead();
    std::vector<std::size_t> held;
    std::vector<std::size_t> finished;
    std::vector<std::size_t> scheduled;
    for (std::size_t index = 0; index < completions.size(); ++index) {
      if (ends_at_once(completions[index]))
        held.push_back(index);
      else
        (ends(completions[index]) ? finished : scheduled).push_back(index);
    }
    sort_by_id(held);
    sort_by_id(finished);
    sort_by_id(scheduled);
    write_claims();
    write_last_progress();
    finish_held(held);
    finish(finished);
    put_back(scheduled);
  }

 private:
  static bool ends(const Completion& completion) {
    return completion.transition.to == Transition::To::finished;
  }

  /// Held, and one write makes it finished.
  static bool ends_at_once(const Completion& completion) {
    return completion.held_since && ends(completion) && !completion.progress &&
           !has_followers(completion.transition);
  }

  /// Whose lease is over, holds nothing: somebody else may have begun the job without a trace.
  void find_the_dead() {
    for (const Completion& completion : completions_) {
      const ProcessId holder = completion.holder;
      if (completion.held_since && !is_alive_.contains(holder))
        is_alive_[holder] = connection_.select_integer(Query::process_is_alive, holder).has_value();
    }
  }

  [[nodiscard]] bool is_ghost(const Completion& completion) const {
    return completion.held_since && !is_alive_.at(completion.holder);
  }

  /// Of what was held and ends otherwise: from here on it is a claim like any other.
  void write_claims() {
    std::vector<std::size_t> otherwise;
    for (std::size_t index = 0; index < completions_.size(); ++index)
      if (completions_[index].held_since && !ends_at_once(completions_[index]) &&
          !is_ghost(completions_[index]))
        otherwise.push_back(index);
    write_claims(otherwise);
  }

  void write_claims(std::span<const std::size_t> indexes) {
    std::vector<Held> held;
    for (const std::size_t index : indexes) {
      const Completion& completion = completions_[index];
      held.push_back(
          {{completion.id, completion.claim_seq, *completion.held_since}, completion.holder});
    }
    start_held(connection_, held);
  }

  /// A ghost's number may be somebody else's claim by now.
  void write_last_progress() {
    std::vector<ProgressUpdate> updates;
    for (const Completion& completion : completions_)
      if (completion.progress && !is_ghost(completion))
        updates.push_back({completion.id, completion.claim_seq, *completion.progress});
    write_progress(connection_, updates);
  }

  void sort_by_id(std::vector<std::size_t>& indexes) const {
    std::sort(indexes.begin(), indexes.end(), [this](std::size_t left, std::size_t right) {
      return completions_[left].id < completions_[right].id;
    });
  }

  /// Where the locks were lost, some may be somebody else's by now, and some this claim's already.
  void finish_held(std::span<const std::size_t> indexes) {
    std::vector<std::size_t> of_the_living;
    for (const std::size_t index : indexes)
      if (!is_ghost(completions_[index]))
        of_the_living.push_back(index);
    const std::vector<std::size_t> rest = finish_runs(of_the_living, Query::record_held_run);
    const std::span others{rest};
    const bool any_number = connection_.habits().takes_fewer_rows;
    const std::size_t together =
        any_number ? others.size() : connection_.habits().together(others.size());
    finish_many(others.first(together), Query::record_held_many);
    write_claims(others.subspan(together));
    finish_singly(open_among(indexes));
    note_recorded_before(indexes);
  }

  [[nodiscard]] std::vector<std::size_t> open_among(std::span<const std::size_t> indexes) const {
    std::vector<std::size_t> open;
    for (const std::size_t index : indexes)
      if (!recorded_[index])
        open.push_back(index);
    return open;
  }

  /// Rows that others follow are written one by one: only the write that ended the row may add
  /// them.
  void finish(std::span<const std::size_t> indexes) {
    std::vector<std::size_t> plain;
    std::vector<std::size_t> followed;
    for (const std::size_t index : indexes)
      (has_followers(completions_[index].transition) ? followed : plain).push_back(index);
    const std::vector<std::size_t> rest = finish_runs(plain, Query::record_finished_run);
    const std::span all{rest};
    const std::size_t together = connection_.habits().together(all.size());
    finish_many(all.first(together), Query::record_finished_many);
    finish_singly(all.subspan(together));
    finish_singly(followed);
    for (const std::size_t index : followed)
      if (recorded_[index])
        insert_followers(completions_[index]);
    note_recorded_before(indexes);
  }

  static bool has_followers(const Transition& transition) {
    return transition.retry_delay || transition.next_slot;
  }

  /// Where consecutive rows go by ranges. Returns the others.
  std::vector<std::size_t> finish_runs(std::span<const std::size_t> indexes, Query query) {
    if (!connection_.habits().finishes_runs)
      return {indexes.begin(), indexes.end()};
    AlikeRuns alike = alike_runs(completions_, indexes);
    connection_.run(
        query,
        {.times = alike.runs.size(),
         .bind = [&](std::size_t item,
                     Parameters& parameters) { bind_run(alike.runs[item], parameters); },
         .on_done =
             [&](std::size_t item, std::int64_t changed) {
               if (changed == static_cast<std::int64_t>(alike.runs[item].size()))
                 note_all_finished(alike.runs[item]);
             }});
    return std::move(alike.rest);
  }

  void bind_run(std::span<const std::size_t> run, Parameters& parameters) const {
    const Completion& first = completions_[run.front()];
    bind_finished(run.front(), parameters, 2);
    parameters.set_all(first.id, completions_[run.back()].id);
    int next = 2 + parameters_per_row;
    if (ends_at_once(first))
      parameters.set(next++, *first.held_since);
    parameters.set(next, now_);
  }

  void finish_many(std::span<const std::size_t> indexes, Query query) {
    if (indexes.empty())
      return;
    const Habits& habits = connection_.habits();
    const auto rows_of = [&](std::size_t item) {
      const std::size_t first = item * habits.rows_per_statement;
      return indexes.subspan(first, std::min(habits.rows_per_statement, indexes.size() - first));
    };
    connection_.run(query,
                    {.times = habits.statements_for(indexes.size()),
                     .bind = [&](std::size_t item,
                                 Parameters& parameters) { bind_all(rows_of(item), parameters); },
                     .on_done =
                         [&](std::size_t item, std::int64_t changed) {
                           const auto rows = rows_of(item);
                           if (changed == static_cast<std::int64_t>(rows.size()))
                             note_all_finished(rows);
                         }});
  }

  void bind_all(std::span<const std::size_t> indexes, Parameters& parameters) const {
    int next = 1;
    for (const std::size_t index : indexes) {
      bind_finished(index, parameters, next);
      next += parameters_per_row;
      if (ends_at_once(completions_[index]))
        parameters.set(next++, *completions_[index].held_since);
    }
    parameters.set(next, now_);
  }

  void note_all_finished(std::span<const std::size_t> indexes) {
    for (const std::size_t index : indexes)
      recorded_[index] = true;
  }

  void finish_singly(std::span<const std::size_t> indexes) {
    if (indexes.empty())
      return;
    connection_.run(Query::record_finished,
                    {.times = indexes.size(),
                     .bind =
                         [&](std::size_t item, Parameters& parameters) {
                           bind_finished(indexes[item], parameters, 1);
                           parameters.set(1 + parameters_per_row, now_);
                         },
                     .on_done =
                         [&](std::size_t item, std::int64_t changed) {
                           recorded_[indexes[item]] = changed == 1;
                         }});
  }

  void bind_finished(std::size_t index, Parameters& parameters, int first) const {
    const auto& [id, claim_seq, transition, holder, held, progress] = completions_[index];
    const bool succeeded = transition.state == JobState::succeeded;
    const microseconds kept{succeeded ? retention_.succeeded : retention_.failed};
    parameters.set_from(first,
                        id,
                        claim_seq,
                        succeeded,
                        outcome_of(transition),
                        text_or_null(transition.reason),
                        text_or_null(transition.result),
                        transition.crash_count,
                        kept.count(),
                        holder);
  }

  void put_back(std::span<const std::size_t> indexes) {
    if (indexes.empty())
      return;
    connection_.run(
        Query::record_scheduled,
        {.times = indexes.size(),
         .bind = [&](std::size_t item,
                     Parameters& parameters) { bind_scheduled(indexes[item], parameters); },
         .on_done =
             [&](std::size_t item, std::int64_t changed) {
               recorded_[indexes[item]] = changed == 1;
             }});
    note_recorded_before(indexes);
  }

  void bind_scheduled(std::size_t index, Parameters& parameters) const {
    const auto& [id, claim_seq, transition, holder, held, progress] = completions_[index];
    // What is put back without a delay keeps its place before what was submitted since.
    const Param due = transition.delay > milliseconds{0} ? Param{now_ + transition.delay} : Param{};
    parameters.set_all(id, claim_seq, due, transition.crash_count, now_, holder);
  }

  void insert_followers(const Completion& completion) {
    const Transition& transition = completion.transition;
    if (transition.retry_delay)
      connection_.execute(Query::insert_retry,
                          completion.id,
                          now_ + *transition.retry_delay,
                          transition.crash_count,
                          now_);
    if (transition.next_slot) {
      probe("before-next-link");
      connection_.execute(Query::insert_next_link, completion.id, *transition.next_slot, now_);
    }
  }

  /// The answer to an earlier try was lost: the row is already what this completion makes of it.
  void note_recorded_before(std::span<const std::size_t> indexes) {
    const std::vector<std::size_t> open = open_among(indexes);
    if (open.empty())
      return;
    connection_.run(
        Query::claim_status,
        {.times = open.size(),
         .bind =
             [&](std::size_t item, Parameters& parameters) {
               const Completion& completion = completions_[open[item]];
               parameters.set_all(completion.id, completion.claim_seq, completion.holder);
             },
         .on_row =
             [&](std::size_t item, const Row& row) {
               const auto to = completions_[open[item]].transition.to;
               recorded_[open[item]] =
                   to == Transition::To::finished ? row.integer(1) != 0 : row.integer(0) == 0;
             }});
  }

  Connection& connection_;
  TimePoint now_;
  const RetentionDefaults& retention_;
  std::vector<bool>& recorded_;
  std::span<const Completion> completions_{};
  std::map<ProcessId, bool> is_alive_{};
};

}  // namespace

void write_progress(Connection& connection, std::span<const ProgressUpdate> updates) {
  if (updates.empty())
    return;
  std::vector<std::string> texts;
  for (const ProgressUpdate& update : updates)
    texts.push_back(progress_text(update.progress));
  connection.run(Query::set_progress,
                 {.times = updates.size(), .bind = [&](std::size_t item, Parameters& parameters) {
                    parameters.set_all(updates[item].id, updates[item].claim_seq, texts[item]);
                  }});
}

void record(Connection& connection,
            std::span<const Completion> completions,
            TimePoint now,
            const RetentionDefaults& retention,
            std::vector<bool>& recorded) {
  Recording{connection, now, retention, recorded}.record_all(completions);
}

std::vector<bool> record_apart(ConnectionPool& pool,
                               std::span<const Completion> completions,
                               std::optional<TimePoint> now,
                               const RetentionDefaults& retention) {
  std::vector<bool> recorded;
  try {
    pool.write([&](Connection& connection) {
      record(connection, completions, now ? *now : connection.now(), retention, recorded);
    });
    return recorded;
  } catch (const Error& failure) {
    if (!is_refusal(failure))
      throw;
  }
  if (completions.size() == 1)
    return {false};
  const std::size_t middle = completions.size() / 2;
  recorded = record_apart(pool, completions.first(middle), now, retention);
  const auto rest = record_apart(pool, completions.subspan(middle), now, retention);
  recorded.insert(recorded.end(), rest.begin(), rest.end());
  return recorded;
}

}  // namespace errand::sql
