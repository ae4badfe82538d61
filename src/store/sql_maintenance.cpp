// The calls of SqlJobStore that nobody's request causes: crons, unknown types, retention.

#include "store/job_rows.hpp"
#include "store/sql_job_store.hpp"
#include "store/submission.hpp"

namespace errand::sql {
namespace {

constexpr int unknown_types_per_transaction = 500;
constexpr milliseconds dead_processes_kept = std::chrono::hours{24 * 7};

/// A waiting job of a type that nobody knows, and what the rules make of it.
struct Stranger {
  JobId id{0};
  std::string type{};
  Transition transition{};
};

Stranger stranger_from(const Row& row, TimePoint now) {
  const std::string cron_schedule{row.text(4)};
  const std::string timezone{row.text(5)};
  const RunFacts facts{static_cast<int>(row.integer(2)),
                       static_cast<int>(row.integer(3)),
                       cron_schedule,
                       timezone,
                       misfire_from(row.text(6)),
                       row.optional_time(7)};
  const std::string type{row.text(1)};
  const RunResult result{.end = RunEnd::unknown_type,
                         .error = {{"error", "Unknown job type: " + type}}};
  return {row.integer(0), type, decide(facts, result, RetryPolicy::never(), now, 0.0)};
}

int fail_strangers(Connection& connection,
                   milliseconds patience,
                   TimePoint now,
                   std::int64_t kept_us) {
  std::vector<Stranger> strangers;
  connection.select(
      Query::unknown_type_jobs,
      [&](const Row& row) { strangers.push_back(stranger_from(row, now)); },
      now - patience,
      unknown_types_per_transaction);
  for (const auto& [id, type, transition] : strangers) {
    const auto failed = connection.execute(Query::fail_waiting,
                                           id,
                                           now,
                                           text_or_null(transition.reason),
                                           text_or_null(transition.result),
                                           kept_us);
    if (failed == 1 && transition.next_slot)
      connection.execute(Query::insert_next_link, id, *transition.next_slot, now);
  }
  return static_cast<int>(strangers.size());
}

}  // namespace

bool SqlJobStore::correct_link(Connection& connection,
                               JobId id,
                               const PreparedJob& link,
                               TimePoint now) {
  return connection.execute(Query::correct_cron_link,
                            id,
                            link.type,
                            link.cron_schedule,
                            text_or_null(link.timezone),
                            misfire_text(link.misfire),
                            link.due.instant().value_or(now + link.due.delay()),
                            link.cron_slot,
                            link.queue,
                            link.priority,
                            link.max_attempts,
                            count_of(link.timeout),
                            now) == 1;
}

bool SqlJobStore::ensure_cron(const PreparedJob& link, Now now) {
  bool written = false;
  pool_.write([&](Connection& connection) {
    const TimePoint instant = time_of(connection, now);
    written = connection.execute(Query::declare_cron,
                                 link.tag,
                                 link.type,
                                 link.cron_schedule,
                                 text_or_null(link.timezone),
                                 misfire_text(link.misfire),
                                 instant) == 1;
    if (const auto live = connection.select_integer(Query::find_cron_link, link.tag)) {
      written |= correct_link(connection, *live, link, instant);
    } else {
      static_cast<void>(insert_jobs(connection, {&link, 1}, instant, retention_));
      written = true;
    }
  });
  return written;
}

int SqlJobStore::fail_unknown_types(milliseconds patience, Now now) {
  bool any = false;
  pool_.read([&](Connection& connection) {
    const TimePoint instant = time_of(connection, now);
    any = connection.select_integer(Query::unknown_type_jobs, instant - patience, 1).has_value();
  });
  int total = 0;
  for (int failed = any ? unknown_types_per_transaction : 0;
       failed == unknown_types_per_transaction;) {
    pool_.write([&](Connection& connection) {
      failed = fail_strangers(connection, patience, time_of(connection, now), kept_failed());
    });
    total += failed;
  }
  return total;
}

int SqlJobStore::remove_old(int limit, JobId except, Now now) {
  std::int64_t removed = 0;
  pool_.write([&](Connection& connection) {
    const TimePoint instant = time_of(connection, now);
    removed = connection.execute(Query::remove_old_jobs, instant, except, limit);
    connection.execute(Query::remove_old_processes, instant - dead_processes_kept);
  });
  return static_cast<int>(removed);
}

}  // namespace errand::sql
