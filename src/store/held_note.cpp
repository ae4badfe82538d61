#include "store/held_note.hpp"

#include <algorithm>

namespace errand::sql {
namespace {

struct Run {
  JobId first{0};
  JobId last{0};
};

std::vector<Run> runs_of(std::span<const ClaimedJob> jobs) {
  std::vector<JobId> ids;
  for (const ClaimedJob& job : jobs)
    ids.push_back(job.id);
  std::sort(ids.begin(), ids.end());
  std::vector<Run> runs;
  for (const JobId id : ids) {
    if (!runs.empty() && runs.back().last + 1 == id)
      runs.back().last = id;
    else
      runs.push_back({id, id});
  }
  return runs;
}

std::vector<Run> runs_noted_by_others(Connection& connection, ProcessId process) {
  std::vector<Run> runs;
  connection.select(
      Query::held_by_others,
      [&](const Row& row) {
        for (const Json& run : Json::parse(row.text(0)))
          runs.push_back({run.at(0).get<JobId>(), run.at(1).get<JobId>()});
      },
      process);
  return runs;
}

/// In order and apart: notes overlap while one process is about to find that another holds a job.
std::vector<Run> merged(std::vector<Run> runs) {
  std::sort(runs.begin(), runs.end(), [](const Run& left, const Run& right) {
    return left.first < right.first;
  });
  std::vector<Run> apart;
  for (const Run& run : runs) {
    if (!apart.empty() && run.first <= apart.back().last)
      apart.back().last = std::max(apart.back().last, run.last);
    else
      apart.push_back(run);
  }
  return apart;
}

bool is_in(std::span<const Run> runs, JobId id) {
  const auto after =
      std::upper_bound(runs.begin(), runs.end(), id, [](JobId wanted, const Run& run) {
        return wanted < run.first;
      });
  return after != runs.begin() && std::prev(after)->last >= id;
}

}  // namespace

std::string held_note(std::span<const ClaimedJob> jobs) {
  Json note = Json::array();
  for (const Run& run : runs_of(jobs))
    note.push_back({run.first, run.last});
  return note.dump();
}

bool note_held(Connection& connection, ProcessId process, const std::string& note) {
  return connection.execute(Query::note_held, process, note) == 1;
}

void note_nothing_held(Connection& connection, ProcessId process) {
  connection.execute(Query::note_held, process, Param{});
}

std::vector<JobId> held_by_others(Connection& connection,
                                  ProcessId process,
                                  std::span<const ClaimedJob> jobs) {
  std::vector<JobId> held;
  if (jobs.empty())
    return held;
  const std::vector<Run> runs = merged(runs_noted_by_others(connection, process));
  for (const ClaimedJob& job : jobs)
    if (is_in(runs, job.id))
      held.push_back(job.id);
  return held;
}

}  // namespace errand::sql
