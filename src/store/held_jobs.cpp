#include "store/held_jobs.hpp"

namespace errand::sql {

bool is_alive(Connection& connection, ProcessId process) {
  return connection.select_integer(Query::process_is_alive, process).has_value();
}

Batch asks_if_alive(ProcessId process, bool& alive) {
  alive = false;
  return {.bind = [process](std::size_t, Parameters& parameters) { parameters.set_all(process); },
          .on_row =
              [&alive](std::size_t, const Row&) {
                alive = true;
              }};
}

bool holds_any(std::span<const ClaimedJob> claimed) {
  return !claimed.empty() && claimed.front().held;
}

void start_held(Connection& connection, std::span<const Held> jobs) {
  const std::size_t together = connection.habits().takes_fewer_rows ? jobs.size() : 1;
  if (jobs.empty())
    return;
  connection.run(
      Query::start_held,
      {.times = jobs.size() / together, .bind = [&](std::size_t item, Parameters& parameters) {
         int next = 1;
         for (const auto& [job, holder] : jobs.subspan(item * together, together)) {
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

void write_noted_claim(Connection& connection, JobId id, TimePoint now) {
  if (connection.habits().notes_hold)
    connection.execute(Query::write_noted_claim, id, now);
}

void write_noted_claims_of_tag(Connection& connection, std::string_view tag, TimePoint now) {
  if (connection.habits().notes_hold)
    connection.execute(Query::write_noted_claims_of_tag, tag, now);
}

}  // namespace errand::sql
