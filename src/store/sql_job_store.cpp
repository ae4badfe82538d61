#include "store/sql_job_store.hpp"

#include "store/claiming.hpp"
#include "store/held_jobs.hpp"
#include "store/held_note.hpp"
#include "store/job_rows.hpp"
#include "store/recording.hpp"
#include "store/sql_database.hpp"
#include "store/submission.hpp"

namespace errand::sql {
namespace {

std::optional<Job> find_job(Connection& connection, JobId id) {
  std::optional<Job> job;
  connection.select(
      Query::find_job, [&](const Row& row) { job = job_from(row); }, id);
  return job;
}

}  // namespace

SqlJobStore::SqlJobStore(ConnectionPool& pool,
                         RetentionDefaults retention,
                         Borrow borrow,
                         Holds holds,
                         std::shared_ptr<const Clock> clock)
    : pool_{pool},
      retention_{retention},
      borrow_{std::move(borrow)},
      exchange_{pool, retention, holds, std::move(clock)},
      group_commit_{pool, retention} {}

TimePoint SqlJobStore::now() {
  return pool_.now();
}

std::int64_t SqlJobStore::kept_failed() const {
  return std::chrono::microseconds{retention_.failed}.count();
}

std::vector<Submitted> SqlJobStore::submit(std::span<const PreparedJob> jobs,
                                           Now now,
                                           const Wake& wake) {
  if (jobs.empty())
    return {};
  return group_commit_.submit(jobs, now, wake);
}

std::vector<Submitted> SqlJobStore::submit_parts(PreparedParts& parts, const Wake& wake) {
  return group_commit_.submit_parts(parts, wake);
}

Submitted SqlJobStore::submit_in(const BorrowedTransaction& transaction,
                                 const PreparedJob& job,
                                 Now now) {
  const auto connection = borrow_(transaction);
  const Submitted submitted =
      insert_jobs(*connection, {&job, 1}, time_of(*connection, now), retention_).front();
  connection->execute(Query::wake_on_commit);
  return submitted;
}

ExchangeResult SqlJobStore::exchange(std::span<const Completion> completions,
                                     const ClaimRequest& claim,
                                     Now now) {
  return exchange_.run(completions, claim, now);
}

NodeLook SqlJobStore::look(const LookRequest& request, Now now) {
  return exchange_.look(request, now);
}

bool SqlJobStore::complete_in(Transaction& transaction, const Completion& completion, Now now) {
  auto* ours = dynamic_cast<SqlTransaction*>(&transaction);
  if (ours == nullptr)
    throw Error{ErrorKind::bug,
                "a job was completed in a transaction that errand's database did not open"};
  Connection& connection = ours->connection();
  std::vector<bool> recorded;
  record(connection, {&completion, 1}, time_of(connection, now), retention_, recorded);
  return recorded.front();
}

void SqlJobStore::set_progress(std::span<const ProgressUpdate> updates) {
  if (updates.empty())
    return;
  pool_.write([&](Connection& connection) {
    connection.relax_commit();
    write_progress(connection, updates);
  });
}

ProcessId SqlJobStore::begin_process(const NewProcess& process, Now now) {
  ProcessId id = 0;
  const std::string types = json_list(process.types);
  std::optional<std::string> queues;
  if (!process.queues.empty())
    queues = json_list(process.queues);
  pool_.write([&](Connection& connection) {
    connection.select(
        Query::begin_process,
        [&](const Row& row) { id = row.integer(0); },
        process.node,
        process.hostname,
        process.slot,
        process.pid,
        process.version,
        types,
        queues,
        time_of(connection, now));
  });
  return id;
}

BeatResult SqlJobStore::beat(ProcessId process, std::int64_t rss_bytes, Now now) {
  BeatResult result;
  pool_.write([&](Connection& connection) {
    result = {};
    connection.relax_commit();
    const auto beats =
        connection.execute(Query::beat_process, process, time_of(connection, now), rss_bytes);
    result.alive = beats == 1;
    connection.select(
        Query::held_claims,
        [&](const Row& row) {
          result.claims.push_back({.id = row.integer(0),
                                   .claim_seq = static_cast<int>(row.integer(1)),
                                   .crash_count = static_cast<int>(row.integer(2)),
                                   .cancel_requested = row.integer(3) != 0});
        },
        process);
  });
  return result;
}

bool SqlJobStore::end_process(ProcessId process,
                              std::string_view note,
                              Now now,
                              std::optional<TimePoint> seen_beat) {
  bool ended = false;
  pool_.write([&](Connection& connection) {
    ended = connection.execute(
                Query::end_process, process, time_of(connection, now), note, seen_beat) == 1;
  });
  return ended;
}

std::vector<ProcessRow> SqlJobStore::live_processes() {
  std::vector<ProcessRow> rows;
  pool_.read([&](Connection& connection) {
    rows.clear();
    connection.select(Query::live_processes, [&](const Row& row) {
      rows.push_back({.id = row.integer(0),
                      .node = std::string{row.text(1)},
                      .slot = static_cast<int>(row.integer(2)),
                      .pid = static_cast<int>(row.integer(3)),
                      .started = row.time(4),
                      .beat = row.time(5)});
    });
  });
  return rows;
}

std::vector<ProcessId> SqlJobStore::dead_processes_with_claims() {
  std::vector<ProcessId> ids;
  pool_.read([&](Connection& connection) {
    ids.clear();
    connection.select(Query::dead_processes_with_claims,
                      [&](const Row& row) { ids.push_back(row.integer(0)); });
  });
  return ids;
}

std::vector<ClaimedJob> SqlJobStore::claims_of(ProcessId process) {
  std::vector<ClaimedJob> claims;
  pool_.read([&](Connection& connection) {
    claims.clear();
    connection.select(
        Query::claims_of_process,
        [&](const Row& row) {
          claims.push_back(claimed_from(row));
          claims.back().process = process;
        },
        process);
  });
  return claims;
}

void SqlJobStore::write_claims(ProcessId process, std::span<const HeldJob> ran, bool blame) {
  if (ran.empty())
    return;
  pool_.write([&](Connection& connection) {
    write_claims_of_dead(connection, process, ran);
    for (const HeldJob& job : blame ? ran : std::span<const HeldJob>{})
      connection.execute(Query::count_crash, job.id, job.claim_seq, process);
  });
}

std::optional<Job> SqlJobStore::cancel(JobId id, Now now) {
  std::optional<Job> job;
  pool_.write([&](Connection& connection) {
    connection.execute(Query::lock_job, id);
    const TimePoint instant = time_of(connection, now);
    write_noted_claim(connection, id, instant);
    const bool changed =
        connection.execute(Query::cancel_waiting, id, instant, kept_failed()) == 1 ||
        connection.execute(Query::request_cancel, id, instant) == 1;
    job = find_job(connection, id);
    if (job && !changed)
      throw Error{
          ErrorKind::conflict,
          "cannot cancel job " + std::to_string(id) + ": it has finished (" + job->outcome + ")"};
  });
  return job;
}

std::optional<JobId> SqlJobStore::retry(JobId id, Now now) {
  std::optional<JobId> created;
  pool_.write([&](Connection& connection) {
    created.reset();
    const std::string start = "cannot retry job " + std::to_string(id) + ": ";
    connection.execute(Query::lock_job, id);
    const auto job = find_job(connection, id);
    if (!job)
      return;
    if (!job->finished)
      throw Error{ErrorKind::conflict, start + "it has not finished"};
    if (const auto newer = connection.select_integer(Query::find_unfinished_attempt, id))
      throw Error{
          ErrorKind::conflict,
          start + "job " + std::to_string(*newer) + " is a later attempt, still unfinished"};
    const TimePoint instant = time_of(connection, now);
    try {
      created = connection.select_integer(Query::insert_retry, id, instant, 0, instant);
    } catch (const Error& failure) {
      if (failure.kind() != ErrorKind::conflict)
        throw;
      throw Error{ErrorKind::conflict,
                  start + "an unfinished job has its unique key " + job->unique_key,
                  "uniqueKey"};
    }
  });
  return created;
}

bool SqlJobStore::remove(JobId id) {
  bool removed = false;
  pool_.write([&](Connection& connection) {
    write_noted_claim(connection, id, connection.now());
    removed = connection.execute(Query::delete_job, id) == 1;
    if (!removed && find_job(connection, id))
      throw Error{ErrorKind::conflict,
                  "cannot delete job " + std::to_string(id) + ": it is running; cancel it first"};
  });
  return removed;
}

}  // namespace errand::sql
