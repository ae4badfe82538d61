#include "store/held_jobs.hpp"

namespace errand::sql {

void start_held(Connection& connection, std::span<const Held> jobs) {
  if (jobs.empty())
    return;
  connection.run(Query::start_held, {.bind = [&](std::size_t, Parameters& parameters) {
                   int next = 1;
                   for (const auto& [job, holder] : jobs) {
                     parameters.set_from(next, job.id, job.claim_seq, job.since, holder);
                     next += 4;
                   }
                 }});
}

void start_held(Connection& connection, std::span<const HeldJob> jobs, ProcessId holder) {
  std::vector<Held> held;
  for (const HeldJob& job : jobs)
    held.push_back({job, holder});
  start_held(connection, held);
}

}  // namespace errand::sql
