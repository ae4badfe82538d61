// One head after the other: in a round trip of its own, or where there are none.
#include <algorithm>
#include <array>

#include "base/earlier.hpp"
#include "store/claiming.hpp"
#include "store/held_note.hpp"
#include "store/job_rows.hpp"

namespace errand::sql {

void Claiming::note_claimed(const Row& row) {
  ClaimedJob job = claimed_from(row);
  job.process = request_.process;
  if (holds_) {
    ++job.claim_seq;
    job.started = now_;
  }
  job.held = holds_;
  claimed_.push_back(std::move(job));
}

void Claiming::note_found(const WaitingHead& head, const Row& row) {
  ClaimedJob& job = claimed_.emplace_back();
  job.id = row.integer(0);
  job.claim_seq = static_cast<int>(row.integer(1));
  job.process = request_.process;
  job.queue = head.queue;
  job.started = now_;
  job.held = holds_;
}

void Claiming::take_from(WaitingHead& head, int limit) {
  const std::size_t before = claimed_.size();
  std::optional<TimePoint> later;
  WaitingHead* const alone[] = {&head};
  const Batch due = asks_next_due(alone, later);
  if (connection_.habits().claim_starts)
    claim_rows(head, limit, due);
  else
    find_rows(head, limit, due);
  head.spent = claimed_.size() - before < static_cast<std::size_t>(limit);
  if (!head.spent && connection_.habits().claim_starts)  // else its rows are not read yet
    move_on(head);
  if (later && head.spent)
    keep_earlier(next_due_, *later);
}

/// What others have noted is asked last, when the rows are locked.
void Claiming::claim_rows(const WaitingHead& head, int limit, const Batch& due) {
  noted_.clear();
  const Batch noted = asks_noted(request_.process, noted_);
  const Batch claim{
      .bind = [&](std::size_t, Parameters& parameters) { bind_take(head, limit, parameters); },
      .on_row =
          [this](std::size_t, const Row& row) {
            note_claimed(row);
          }};
  const std::array<Question, 3> all{{{Query::next_due_after, due},
                                     {holds_ ? Query::hold_jobs : Query::claim_jobs, claim},
                                     {Query::held_by_others, noted}}};
  connection_.run_together(std::span{all}.first(holds_ ? 2 : 3));
}

void Claiming::find_rows(const WaitingHead& head, int limit, const Batch& due) {
  const std::size_t before = claimed_.size();
  const Batch find{
      .bind = [&](std::size_t, Parameters& parameters) { bind_take(head, limit, parameters); },
      .on_row =
          [&](std::size_t, const Row& row) {
            note_found(head, row);
          }};
  const std::array<Question, 2> both{{{Query::next_due_after, due}, {Query::due_jobs, find}}};
  connection_.run_together(both);
  if (!holds_)
    start(std::span{claimed_}.subspan(before));
}

Batch Claiming::asks_next_due(std::span<WaitingHead* const> heads,
                              std::optional<TimePoint>& earliest) const {
  return {.times = heads.size(),
          .bind =
              [this, heads](std::size_t item, Parameters& parameters) {
                parameters.set_all(heads[item]->queue, heads[item]->priority, now_);
              },
          .on_row =
              [&earliest](std::size_t, const Row& row) {
                const auto due = row.optional_time(0);
                if (due && (!earliest || *due < *earliest))
                  earliest = due;
              }};
}

void Claiming::bind_take(const WaitingHead& head, int limit, Parameters& parameters) const {
  parameters.set_all(head.queue, head.priority, now_, types_, limit, excluded_);
  if (connection_.habits().claim_starts)
    parameters.set_from(7, head.due, head.id);
  if (connection_.habits().claim_starts && !holds_)
    parameters.set(9, request_.process);
}

void Claiming::start(std::span<const ClaimedJob> claimed) {
  const std::vector<IdRun> runs = runs_of(claimed);
  connection_.run(Query::start_claimed,
                  {.times = runs.size(), .bind = [&](std::size_t item, Parameters& parameters) {
                     parameters.set_all(runs[item].first, runs[item].last, now_, request_.process);
                   }});
}

}  // namespace errand::sql
