#include "store/recording.hpp"

#include <algorithm>

#include "base/probe.hpp"

namespace errand::sql {
namespace {

using std::chrono::microseconds;

constexpr std::size_t parameters_per_row = 9;

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
    std::vector<std::size_t> finished;
    std::vector<std::size_t> scheduled;
    for (std::size_t index = 0; index < completions.size(); ++index) {
      const bool ends = completions[index].transition.to == Transition::To::finished;
      (ends ? finished : scheduled).push_back(index);
    }
    sort_by_id(finished);
    sort_by_id(scheduled);
    finish(finished);
    put_back(scheduled);
  }

 private:
  void sort_by_id(std::vector<std::size_t>& indexes) const {
    std::sort(indexes.begin(), indexes.end(), [this](std::size_t left, std::size_t right) {
      return completions_[left].id < completions_[right].id;
    });
  }

  /// Rows that others follow are written one by one: only the write that ended the row may add
  /// them.
  void finish(std::span<const std::size_t> indexes) {
    std::vector<std::size_t> plain;
    std::vector<std::size_t> followed;
    for (const std::size_t index : indexes)
      (has_followers(completions_[index].transition) ? followed : plain).push_back(index);
    const std::span all{plain};
    const std::size_t together = connection_.habits().together(all.size());
    finish_many(all.first(together));
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

  void finish_many(std::span<const std::size_t> indexes) {
    if (indexes.empty())
      return;
    const Habits& habits = connection_.habits();
    const auto rows_of = [&](std::size_t item) {
      const std::size_t first = item * habits.rows_per_statement;
      return indexes.subspan(first, std::min(habits.rows_per_statement, indexes.size() - first));
    };
    connection_.run(Query::record_finished_many,
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
      next += static_cast<int>(parameters_per_row);
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
                           parameters.set(1 + static_cast<int>(parameters_per_row), now_);
                         },
                     .on_done =
                         [&](std::size_t item, std::int64_t changed) {
                           recorded_[indexes[item]] = changed == 1;
                         }});
  }

  void bind_finished(std::size_t index, Parameters& parameters, int first) const {
    const auto& [id, claim_seq, transition, holder] = completions_[index];
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
    const auto& [id, claim_seq, transition, holder] = completions_[index];
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
    std::vector<std::size_t> open;
    for (const std::size_t index : indexes)
      if (!recorded_[index])
        open.push_back(index);
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
};

bool is_refusal(const Error& failure) {
  return failure.kind() == ErrorKind::invalid || failure.kind() == ErrorKind::conflict;
}

}  // namespace

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
