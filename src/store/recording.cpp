#include "store/recording.hpp"

#include <algorithm>
#include <map>

#include "base/probe.hpp"
#include "store/held_jobs.hpp"
#include "store/job_rows.hpp"
#include "store/row_ends.hpp"

namespace errand::sql {
namespace {

/// Decides for each completion how it is written, and in which order.
class Recording {
 public:
  explicit Recording(const Recorded& of) : of_{of}, ends_{of} {}

  /// In the order of ids: two transactions that record never wait for each other in a circle.
  void record_all() {
    of_.recorded.assign(of_.completions.size(), false);
    find_the_dead();
    std::vector<std::size_t> held;
    std::vector<std::size_t> finished;
    std::vector<std::size_t> scheduled;
    for (std::size_t index = 0; index < of_.completions.size(); ++index) {
      if (ends_at_once(of_.completions[index]))
        held.push_back(index);
      else
        (ends(of_.completions[index]) ? finished : scheduled).push_back(index);
    }
    sort_by_id(held);
    sort_by_id(finished);
    sort_by_id(scheduled);
    write_claims();
    write_last_progress(finished);
    write_last_progress(scheduled);
    finish_held(held);
    finish(finished);
    put_back(scheduled);
  }

 private:
  static bool ends(const Completion& completion) {
    return completion.transition.to == Transition::To::finished;
  }

  /// Whose lease is over, holds nothing: somebody else may have begun the job without a trace.
  void find_the_dead() {
    for (const Completion& completion : of_.completions) {
      const ProcessId holder = completion.holder;
      if (completion.held_since && !is_alive_.contains(holder))
        is_alive_[holder] = is_alive(of_.connection, holder);
    }
  }

  [[nodiscard]] bool is_ghost(const Completion& completion) const {
    return completion.held_since && !is_alive_.at(completion.holder);
  }

  /// Of what was held and ends otherwise: from here on it is a claim like any other.
  void write_claims() {
    std::vector<std::size_t> otherwise;
    for (std::size_t index = 0; index < of_.completions.size(); ++index) {
      const Completion& completion = of_.completions[index];
      if (completion.held_since && !ends_at_once(completion) && !is_ghost(completion))
        otherwise.push_back(index);
    }
    write_claims(otherwise);
  }

  void write_claims(std::span<const std::size_t> indexes) {
    std::vector<Held> held;
    for (const std::size_t index : indexes) {
      const Completion& completion = of_.completions[index];
      held.push_back(
          {{completion.id, completion.claim_seq, *completion.held_since}, completion.holder});
    }
    start_held(of_.connection, held);
  }

  /// Where the write that ends a row does not say it. A ghost's number may be somebody else's claim
  /// by now.
  void write_last_progress(std::span<const std::size_t> indexes) {
    std::vector<ProgressUpdate> updates;
    for (const std::size_t index : indexes) {
      const Completion& completion = of_.completions[index];
      if (completion.progress && !is_ghost(completion))
        updates.push_back({completion.id, completion.claim_seq, *completion.progress});
    }
    write_progress(of_.connection, updates);
  }

  void sort_by_id(std::vector<std::size_t>& indexes) const {
    std::sort(indexes.begin(), indexes.end(), [this](std::size_t left, std::size_t right) {
      return of_.completions[left].id < of_.completions[right].id;
    });
  }

  /// Where the locks were lost, some may be somebody else's by now, and some this claim's already.
  void finish_held(std::span<const std::size_t> indexes) {
    std::vector<std::size_t> of_the_living;
    for (const std::size_t index : indexes)
      if (!is_ghost(of_.completions[index]))
        of_the_living.push_back(index);
    const Habits& habits = of_.connection.habits();
    const std::vector<std::size_t> apart =
        ends_.write_runs(of_the_living, Query::record_held_run, habits.held_run_min);
    const std::vector<std::size_t> rest =
        ends_.write_sets(apart, Query::record_held_set, habits.held_set_min);
    const std::span others{rest};
    const std::size_t together =
        habits.takes_fewer_rows ? others.size() : habits.together(others.size());
    ends_.write_many(others.first(together), Query::record_held_many);
    write_claims(others.subspan(together));
    const std::vector<std::size_t> open = of_.open_among(indexes);
    write_last_progress(open);
    ends_.write_singly(open);
    note_recorded_before(indexes);
  }

  /// Rows that others follow are written one by one: only the write that ended the row may add
  /// them.
  void finish(std::span<const std::size_t> indexes) {
    std::vector<std::size_t> plain;
    std::vector<std::size_t> followed;
    for (const std::size_t index : indexes)
      (has_followers(of_.completions[index].transition) ? followed : plain).push_back(index);
    const Habits& habits = of_.connection.habits();
    const std::vector<std::size_t> rest =
        ends_.write_runs(plain, Query::record_finished_run, habits.finished_run_min);
    const std::span all{rest};
    const std::size_t together = habits.together(all.size());
    ends_.write_many(all.first(together), Query::record_finished_many);
    ends_.write_singly(all.subspan(together));
    ends_.write_singly(followed);
    for (const std::size_t index : followed)
      if (of_.recorded[index])
        insert_followers(of_.completions[index]);
    note_recorded_before(indexes);
  }

  void put_back(std::span<const std::size_t> indexes) {
    if (indexes.empty())
      return;
    of_.connection.run(
        Query::record_scheduled,
        {.times = indexes.size(),
         .bind = [&](std::size_t item,
                     Parameters& parameters) { bind_scheduled(indexes[item], parameters); },
         .on_done =
             [&](std::size_t item, std::int64_t changed) {
               of_.recorded[indexes[item]] = changed == 1;
             }});
    note_recorded_before(indexes);
  }

  void bind_scheduled(std::size_t index, Parameters& parameters) const {
    const auto& [id, claim_seq, transition, holder, held, progress] = of_.completions[index];
    // What is put back without a delay keeps its place before what was submitted since.
    const Param due =
        transition.delay > milliseconds{0} ? Param{of_.now + transition.delay} : Param{};
    parameters.set_all(id, claim_seq, due, transition.crash_count, of_.now, holder);
  }

  void insert_followers(const Completion& completion) {
    const Transition& transition = completion.transition;
    if (transition.retry_delay)
      of_.connection.execute(Query::insert_retry,
                             completion.id,
                             of_.now + *transition.retry_delay,
                             transition.crash_count,
                             of_.now);
    if (transition.next_slot) {
      probe("before-next-link");
      of_.connection.execute(
          Query::insert_next_link, completion.id, *transition.next_slot, of_.now);
    }
  }

  /// The answer to an earlier try was lost: the row is already what this completion makes of it.
  void note_recorded_before(std::span<const std::size_t> indexes) {
    const std::vector<std::size_t> open = of_.open_among(indexes);
    if (open.empty())
      return;
    of_.connection.run(
        Query::claim_status,
        {.times = open.size(),
         .bind =
             [&](std::size_t item, Parameters& parameters) {
               const Completion& completion = of_.completions[open[item]];
               parameters.set_all(completion.id, completion.claim_seq, completion.holder);
             },
         .on_row =
             [&](std::size_t item, const Row& row) {
               const auto to = of_.completions[open[item]].transition.to;
               of_.recorded[open[item]] =
                   to == Transition::To::finished ? row.integer(1) != 0 : row.integer(0) == 0;
             }});
  }

  const Recorded& of_;
  RowEnds ends_;
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
  const Recorded all{connection, now, retention, completions, recorded};
  Recording{all}.record_all();
}

std::vector<bool> record_apart(ConnectionPool& pool,
                               std::span<const Completion> completions,
                               std::optional<TimePoint> now,
                               const RetentionDefaults& retention) {
  std::vector<bool> recorded;
  try {
    pool.write([&](Connection& connection) {
      record(connection, completions, time_of(connection, now), retention, recorded);
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
