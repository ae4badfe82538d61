#include "store/held_note.hpp"

#include <algorithm>

#include "store/held_jobs.hpp"
#include "store/recording.hpp"

namespace errand::sql {
namespace {

constexpr std::size_t short_runs_max = 4000;

std::vector<IdRun> noted(Connection& connection, Query query, ProcessId process) {
  std::vector<IdRun> runs;
  connection.run(query, asks_noted(process, runs));
  return merged(std::move(runs));
}

}  // namespace

bool note_held(Connection& connection, ProcessId process, std::span<const IdRun> jobs) {
  return connection.execute(Query::note_held, process, to_json(jobs).dump()) == 1;
}

void note_nothing_held(Connection& connection, ProcessId process) {
  connection.execute(Query::note_held, process, Param{});
}

std::vector<IdRun> noted_by_others(Connection& connection, ProcessId process) {
  return noted(connection, Query::held_by_others, process);
}

std::vector<IdRun> noted_by_alike(Connection& connection, ProcessId process) {
  return noted(connection, Query::held_by_alike, process);
}

Batch asks_noted(ProcessId process, std::vector<IdRun>& runs) {
  return {.bind = [process](std::size_t, Parameters& parameters) { parameters.set(1, process); },
          .on_row =
              [&runs](std::size_t, const Row& row) {
                const std::vector<IdRun> one = runs_from(row.text(0));
                runs.insert(runs.end(), one.begin(), one.end());
              }};
}

std::vector<JobId> ids_among(std::vector<IdRun> noted, std::span<const ClaimedJob> jobs) {
  const std::vector<IdRun> runs = merged(std::move(noted));
  std::vector<JobId> ids;
  for (const ClaimedJob& job : jobs)
    if (is_in(runs, job.id))
      ids.push_back(job.id);
  return ids;
}

std::vector<IdRun> runs_of(std::span<const ClaimedJob> jobs) {
  std::vector<JobId> ids;
  ids.reserve(jobs.size());
  for (const ClaimedJob& job : jobs)
    ids.push_back(job.id);
  return runs_of(std::move(ids));
}

bool is_short(std::span<const IdRun> note) {
  return note.size() <= short_runs_max;
}

bool keeps_busy(std::span<const IdRun> note, JobId jobs_min) {
  JobId jobs = 0;
  for (const IdRun& run : note)
    jobs += run.last - run.first + 1;
  return jobs >= jobs_min;
}

void put_back_let_go(Connection& connection,
                     ProcessId process,
                     std::span<const HeldJob> running_on,
                     TimePoint now) {
  std::vector<Completion> let_go;
  const auto runs_on = [&](JobId id) {
    return std::any_of(
        running_on.begin(), running_on.end(), [&](const HeldJob& job) { return job.id == id; });
  };
  connection.select(
      Query::claims_of_note,
      [&](const Row& row) {
        if (!runs_on(row.integer(0)))
          let_go.push_back({.id = row.integer(0),
                            .claim_seq = static_cast<int>(row.integer(1)),
                            .transition = {.to = Transition::To::scheduled},
                            .holder = process});
      },
      process);
  std::vector<bool> recorded;
  record(connection, let_go, now, {}, recorded);
}

/// With the rows locked: who noted one of them before its lock was lost is seen then.
void write_claims_of_dead(Connection& connection, ProcessId process, std::span<const HeldJob> ran) {
  std::vector<HeldJob> jobs{ran.begin(), ran.end()};
  std::ranges::sort(jobs, {}, &HeldJob::id);
  for (const HeldJob& job : jobs) {
    connection.execute(Query::lock_job, job.id);
    write_noted_claim(connection, job.id, job.since);
  }
  const std::vector<IdRun> others = noted_by_others(connection, process);
  std::erase_if(jobs, [&](const HeldJob& job) { return is_in(others, job.id); });
  start_held(connection, jobs, process);
}

void hold_by_note(Connection& connection, ProcessId process, std::vector<ClaimedJob>& claimed) {
  const std::vector<IdRun> runs = runs_of(claimed);
  if (is_short(runs)) {
    note_held(connection, process, runs);
    return;
  }
  std::vector<HeldJob> jobs;
  for (ClaimedJob& job : claimed) {
    jobs.push_back({job.id, job.claim_seq, job.started});
    job.held = false;
  }
  start_held(connection, jobs, process);
  note_nothing_held(connection, process);
}

}  // namespace errand::sql
