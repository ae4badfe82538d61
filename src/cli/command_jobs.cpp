#include <fmt/format.h>
#include <ostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/show.hpp"
#include "cli/table.hpp"
#include "jobs/job_json.hpp"

namespace errand::cli {
namespace {

void print_field(const Terminal& terminal, std::string_view name, const std::string& value) {
  if (!value.empty())
    terminal.out << fmt::format("{:<10}{}\n", name, escaped(value));
}

std::string json_text(const Json& json) {
  return json.is_null() ? "" : json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string progress_text(const Job& job) {
  if (!job.progress)
    return {};
  return fmt::format("{:.0f} % {}", job.progress->done * 100, job.progress->note);
}

/// Beside a cron's time zone the time's own has to be said.
std::string utc(std::optional<TimePoint> instant) {
  return instant ? shown_time(instant) + " UTC" : "-";
}

void print_fields(const Terminal& terminal, const Job& job) {
  print_field(terminal, "job", std::to_string(job.id));
  print_field(terminal, "type", job.type);
  print_field(terminal, "tag", job.tag);
  print_field(terminal, "state", std::string{to_text(job.state)});
  print_field(terminal, "reason", job.reason);
  print_field(terminal, "attempt", shown_attempt(job));
  print_field(terminal, "queue", fmt::format("{}, priority {}", job.queue, job.priority));
  print_field(terminal, "user", job.user_id == 0 ? "" : std::to_string(job.user_id));
  print_field(terminal, "due", utc(job.due));
  print_field(terminal, "started", utc(job.started));
  print_field(terminal, "finished", utc(job.finished));
  print_field(terminal, "cron", job.cron_schedule);
  print_field(terminal, "zone", job.timezone);
  print_field(terminal, "progress", progress_text(job));
  print_field(terminal, "data", json_text(job.data));
  print_field(terminal, "result", json_text(job.result));
}

/// Lists (backtrace, log lines) a line each, anything else behind its name.
void print_error(const Terminal& terminal, const Job& job) {
  if (!job.error.is_object())
    return;
  for (const auto& [name, value] : job.error.items()) {
    if (!value.is_array()) {
      print_field(terminal, name, value.is_string() ? value.get<std::string>() : json_text(value));
      continue;
    }
    terminal.out << escaped(name) << ":\n";
    for (const Json& line : value)
      terminal.out << "  " << escaped(line.is_string() ? line.get<std::string>() : json_text(line))
                   << '\n';
  }
}

void print_attempts(const Terminal& terminal, const std::vector<Job>& attempts) {
  if (attempts.size() < 2)
    return;
  Table table{{"ATTEMPT", "JOB", "STATE", "STARTED (UTC)", "FINISHED (UTC)", "ERROR"}};
  for (const Job& job : attempts)
    table.add({std::to_string(job.attempt),
               std::to_string(job.id),
               std::string{to_text(job.state)},
               shown_time(job.started),
               shown_time(job.finished),
               shown_error(job)});
  terminal.out << '\n' << table.text(terminal.width);
}

Json page_json(const JobPage& page) {
  Json jobs = Json::array();
  for (const Job& job : page.jobs)
    jobs.push_back(to_json(job));
  Json json{{"jobs", std::move(jobs)}, {"next", nullptr}};
  if (page.next)
    json["next"] = *page.next;
  return json;
}

}  // namespace

int list_jobs(const Terminal& terminal, WorkerManager& manager, const JobFilter& filter) {
  const JobPage page = manager.list_jobs(filter);
  if (terminal.json) {
    print_json(terminal, page_json(page));
    return exit_done;
  }
  Table table{
      {"ID", "STATE", "TYPE", "TAG", "QUEUE", "ATTEMPT", "DUE (UTC)", "FINISHED (UTC)", "ERROR"}};
  for (const Job& job : page.jobs)
    table.add({std::to_string(job.id),
               std::string{to_text(job.state)},
               job.type,
               job.tag,
               job.queue,
               shown_attempt(job),
               shown_time(job.due),
               shown_time(job.finished),
               shown_error(job)});
  terminal.out << (table.empty() ? "no jobs\n" : table.text(terminal.width));
  if (page.next)
    terminal.err << fmt::format("there are more: --before {}\n", *page.next);
  return exit_done;
}

int show_job(const Terminal& terminal, WorkerManager& manager, JobId id) {
  const std::optional<Job> job = manager.find_job(id);
  if (!job)
    throw Error{ErrorKind::not_found,
                fmt::format("there is no job {}; it may have been deleted", id)};
  const std::vector<Job> attempts = manager.attempts_of(id);
  if (terminal.json) {
    Json json = to_json(*job);
    json["attempts"] = Json::array();
    for (const Job& attempt : attempts)
      json["attempts"].push_back(to_json(attempt));
    print_json(terminal, json);
    return exit_done;
  }
  print_fields(terminal, *job);
  print_error(terminal, *job);
  print_attempts(terminal, attempts);
  return exit_done;
}

}  // namespace errand::cli
