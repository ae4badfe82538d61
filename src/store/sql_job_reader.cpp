#include "store/sql_job_reader.hpp"

#include <algorithm>

#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

constexpr int page_size_max = 1000;
constexpr int running_jobs_shown = 1000;
/// Up to so many waiting rows are read and sorted; more are found from the newest row downwards.
constexpr int few_waiting = 10000;

Query list_query(Connection& connection, const std::optional<JobState>& state) {
  if (!state)
    return Query::list_all;
  switch (*state) {
    case JobState::scheduled:
      return connection.select_integer(Query::count_scheduled, few_waiting) < few_waiting
                 ? Query::list_few_waiting
                 : Query::list_waiting;
    case JobState::started:
      return Query::list_started;
    case JobState::succeeded:
      return Query::list_succeeded;
    case JobState::failed:
    case JobState::cancelled:
      break;
  }
  return Query::list_unsuccessful;
}

void bind_filter(Parameters& parameters, const JobFilter& filter, int limit, Query query) {
  parameters.set_all(text_or_null(filter.type),
                     text_or_null(filter.tag),
                     text_or_null(filter.queue),
                     filter.user_id,
                     filter.before,
                     text_or_null(filter.text),
                     limit);
  if (query == Query::list_unsuccessful)
    parameters.set(8, filter.state == JobState::failed ? "failed" : "cancelled");
}

WorkerInfo worker_from(const Row& row) {
  WorkerInfo worker;
  worker.id = row.integer(0);
  worker.node = row.text(1);
  worker.slot = static_cast<int>(row.integer(2));
  worker.pid = static_cast<int>(row.integer(3));
  worker.started = row.time(4);
  worker.beat = row.time(5);
  worker.ended = row.optional_time(6);
  worker.end_note = row.text(7);
  worker.rss_bytes = row.integer(8);
  worker.hostname = row.text(9);
  return worker;
}

CronInfo cron_from(const Row& row) {
  CronInfo cron;
  cron.tag = row.text(0);
  cron.type = row.text(1);
  cron.schedule = row.text(2);
  cron.timezone = row.text(3);
  cron.next_job = row.optional_integer(4);
  cron.next_due = row.optional_time(5);
  cron.last_finished = row.optional_time(6);
  if (const auto success = row.optional_integer(7))
    cron.last_success = *success != 0;
  return cron;
}

Json capped(std::optional<std::int64_t> count, int cap) {
  const auto shown = std::min<std::int64_t>(count.value_or(0), cap);
  return {{"count", shown}, {"capped", count.value_or(0) > cap}};
}

}  // namespace

std::optional<Job> SqlJobReader::find(JobId id) {
  std::optional<Job> job;
  pool_.read([&](Connection& connection) {
    job.reset();
    connection.select(
        Query::find_job, [&](const Row& row) { job = job_from(row); }, id);
  });
  return job;
}

JobPage SqlJobReader::list(const JobFilter& filter) {
  const int limit = std::clamp(filter.limit, 1, page_size_max);
  JobPage page;
  pool_.read([&](Connection& connection) {
    page.jobs.clear();
    const Query query = list_query(connection, filter.state);
    connection.run(
        query,
        {.bind = [&](std::size_t,
                     Parameters& parameters) { bind_filter(parameters, filter, limit + 1, query); },
         .on_row =
             [&](std::size_t, const Row& row) {
               page.jobs.push_back(job_from(row));
             }});
  });
  if (page.jobs.size() > static_cast<std::size_t>(limit)) {
    page.jobs.pop_back();
    page.next = page.jobs.back().id;
  }
  return page;
}

std::vector<Job> SqlJobReader::attempts_of(JobId id) {
  std::vector<Job> attempts;
  pool_.read([&](Connection& connection) {
    attempts.clear();
    connection.select(
        Query::attempts_of_job, [&](const Row& row) { attempts.push_back(job_from(row)); }, id);
  });
  return attempts;
}

std::optional<Job> SqlJobReader::last_attempt(JobId id) {
  auto attempts = attempts_of(id);
  if (attempts.empty())
    return std::nullopt;
  return std::move(attempts.back());
}

std::vector<WorkerInfo> SqlJobReader::workers() {
  std::vector<WorkerInfo> workers;
  pool_.read([&](Connection& connection) {
    workers.clear();
    connection.select(
        Query::list_workers,
        [&](const Row& row) { workers.push_back(worker_from(row)); },
        connection.now() - std::chrono::hours{1});
    for (WorkerInfo& worker : workers)
      connection.select(
          Query::running_jobs_of,
          [&](const Row& row) { worker.running.push_back(job_from(row)); },
          worker.id,
          running_jobs_shown);
  });
  return workers;
}

std::vector<CronInfo> SqlJobReader::crons() {
  std::vector<CronInfo> crons;
  pool_.read([&](Connection& connection) {
    crons.clear();
    connection.select(Query::list_crons, [&](const Row& row) { crons.push_back(cron_from(row)); });
  });
  return crons;
}

Json SqlJobReader::counts(int cap) {
  Json counts = Json::object();
  pool_.read([&](Connection& connection) {
    const int probe = cap + 1;
    counts["scheduled"] = capped(connection.select_integer(Query::count_scheduled, probe), cap);
    counts["started"] = capped(connection.select_integer(Query::count_started, probe), cap);
    counts["succeeded"] = capped(connection.select_integer(Query::count_succeeded, probe), cap);
    for (const char* outcome : {"failed", "cancelled"})
      counts[outcome] =
          capped(connection.select_integer(Query::count_unsuccessful, probe, outcome), cap);
  });
  return counts;
}

void SqlJobReader::ping() {
  pool_.read([](Connection& connection) { connection.execute(Query::ping); });
}

}  // namespace errand::sql
