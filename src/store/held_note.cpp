#include "store/held_note.hpp"

#include "store/held_jobs.hpp"

namespace errand::sql {
namespace {

constexpr std::size_t short_runs_max = 8;

}  // namespace

bool note_held(Connection& connection, ProcessId process, std::span<const IdRun> jobs) {
  return connection.execute(Query::note_held, process, to_json(jobs).dump()) == 1;
}

void note_nothing_held(Connection& connection, ProcessId process) {
  connection.execute(Query::note_held, process, Param{});
}

std::vector<IdRun> noted_by_others(Connection& connection, ProcessId process) {
  std::vector<IdRun> runs;
  connection.select(
      Query::held_by_others,
      [&](const Row& row) {
        for (const Json& run : Json::parse(row.text(0)))
          runs.push_back({run.at(0).get<JobId>(), run.at(1).get<JobId>()});
      },
      process);
  return merged(std::move(runs));
}

std::vector<JobId> held_by_others(Connection& connection,
                                  ProcessId process,
                                  std::span<const ClaimedJob> jobs) {
  std::vector<JobId> held;
  if (jobs.empty())
    return held;
  const std::vector<IdRun> runs = noted_by_others(connection, process);
  for (const ClaimedJob& job : jobs)
    if (is_in(runs, job.id))
      held.push_back(job.id);
  return held;
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
