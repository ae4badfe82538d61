#include "store/row_ends.hpp"

#include <algorithm>

#include "store/alike_runs.hpp"
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

}  // namespace

bool has_followers(const Transition& transition) {
  return transition.retry_delay || transition.next_slot;
}

bool ends_at_once(const Completion& completion) {
  return completion.held_since && completion.transition.to == Transition::To::finished &&
         !has_followers(completion.transition);
}

std::vector<std::size_t> Recorded::open_among(std::span<const std::size_t> indexes) const {
  std::vector<std::size_t> open;
  for (const std::size_t index : indexes)
    if (!recorded[index])
      open.push_back(index);
  return open;
}

RowEnds::RowEnds(const Recorded& of) : of_{of} {
  const auto tells = [](const Completion& completion) {
    return completion.progress.has_value();
  };
  if (std::ranges::none_of(of.completions, tells))
    return;
  for (const Completion& completion : of.completions)
    progress_.push_back(tells(completion) ? progress_text(*completion.progress) : "");
}

std::vector<std::size_t> RowEnds::write_runs(std::span<const std::size_t> indexes,
                                             Query query,
                                             std::size_t run_min) {
  if (run_min == 0)
    return {indexes.begin(), indexes.end()};
  AlikeRuns found = alike_runs(of_.completions, indexes, run_min);
  write_alike(query, found.runs, [&](std::size_t item, Parameters& parameters) {
    const Alike run = found.runs[item];
    const int next = bind_alike(run, parameters);
    parameters.set(next, of_.completions[run.back()].id);
  });
  return std::move(found.rest);
}

std::vector<std::size_t> RowEnds::write_sets(std::span<const std::size_t> indexes,
                                             Query query,
                                             std::size_t set_min) {
  if (set_min == 0)
    return {indexes.begin(), indexes.end()};
  AlikeSets found = alike_sets(of_.completions, indexes, set_min);
  const std::vector<Alike> sets{found.sets.begin(), found.sets.end()};
  std::vector<std::string> ids;
  for (const Alike set : sets)
    ids.push_back(ids_of(set));
  write_alike(query, sets, [&](std::size_t item, Parameters& parameters) {
    bind_alike(sets[item], parameters);
    parameters.set(1, ids[item]);
  });
  return std::move(found.rest);
}

void RowEnds::write_alike(Query query,
                          std::span<const Alike> all,
                          const std::function<void(std::size_t, Parameters&)>& bind) {
  of_.connection.run(
      query,
      {.times = all.size(), .bind = bind, .on_done = [&](std::size_t item, std::int64_t changed) {
         if (changed == static_cast<std::int64_t>(all[item].size()))
           note_all(all[item]);
       }});
}

void RowEnds::write_many(std::span<const std::size_t> indexes, Query query) {
  if (indexes.empty())
    return;
  const Habits& habits = of_.connection.habits();
  const auto rows_of = [&](std::size_t item) {
    const std::size_t first = item * habits.rows_per_statement;
    return indexes.subspan(first, std::min(habits.rows_per_statement, indexes.size() - first));
  };
  of_.connection.run(query,
                     {.times = habits.statements_for(indexes.size()),
                      .bind = [&](std::size_t item,
                                  Parameters& parameters) { bind_all(rows_of(item), parameters); },
                      .on_done =
                          [&](std::size_t item, std::int64_t changed) {
                            const auto rows = rows_of(item);
                            if (changed == static_cast<std::int64_t>(rows.size()))
                              note_all(rows);
                          }});
}

void RowEnds::write_singly(std::span<const std::size_t> indexes) {
  if (indexes.empty())
    return;
  of_.connection.run(Query::record_finished,
                     {.times = indexes.size(),
                      .bind =
                          [&](std::size_t item, Parameters& parameters) {
                            bind_end(indexes[item], parameters, 1);
                            parameters.set(1 + parameters_per_row, of_.now);
                          },
                      .on_done =
                          [&](std::size_t item, std::int64_t changed) {
                            of_.recorded[indexes[item]] = changed == 1;
                          }});
}

/// JSON.
std::string RowEnds::ids_of(Alike alike) const {
  Json ids = Json::array();
  for (const std::size_t index : alike)
    ids.push_back(of_.completions[index].id);
  return ids.dump();
}

int RowEnds::bind_alike(Alike alike, Parameters& parameters) const {
  bind_end(alike.front(), parameters, 1);
  int next = 1 + parameters_per_row;
  if (ends_at_once(of_.completions[alike.front()]))
    next = bind_claim(alike.front(), parameters, next);
  parameters.set(next++, of_.now);
  return next;
}

void RowEnds::bind_all(std::span<const std::size_t> indexes, Parameters& parameters) const {
  int next = 1;
  for (const std::size_t index : indexes) {
    bind_end(index, parameters, next);
    next += parameters_per_row;
    if (ends_at_once(of_.completions[index]))
      next = bind_claim(index, parameters, next);
  }
  parameters.set(next, of_.now);
}

int RowEnds::bind_claim(std::size_t index, Parameters& parameters, int next) const {
  parameters.set(next, *of_.completions[index].held_since);
  parameters.set(next + 1, progress_.empty() ? Param{} : text_or_null(progress_[index]));
  return next + 2;
}

void RowEnds::bind_end(std::size_t index, Parameters& parameters, int first) const {
  const auto& [id, claim_seq, transition, holder, held, progress] = of_.completions[index];
  const bool succeeded = transition.state == JobState::succeeded;
  const microseconds kept{succeeded ? of_.retention.succeeded : of_.retention.failed};
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

void RowEnds::note_all(std::span<const std::size_t> indexes) {
  for (const std::size_t index : indexes)
    of_.recorded[index] = true;
}

}  // namespace errand::sql
