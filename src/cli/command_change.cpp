#include <fmt/format.h>
#include <ostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "jobs/job_json.hpp"

namespace errand::cli {
namespace {

constexpr int page_size = 500;

struct Change {
  std::string_view done{};               ///< "retried"
  std::optional<JobState> only_state{};  ///< for `--all` without a state
};

Change change_of(Verb verb) {
  if (verb == Verb::retry)
    return {"retried", JobState::failed};
  return {verb == Verb::cancel ? "cancelled" : "deleted", std::nullopt};
}

/// The row as it is then; nothing for a deleted one.
std::optional<Job> apply(WorkerManager& manager, Verb verb, JobId id) {
  if (verb == Verb::retry)
    return manager.retry_job(id);
  if (verb == Verb::cancel)
    return manager.cancel_job(id);
  manager.delete_job(id);
  return std::nullopt;
}

/// What the verb did to one job, in words.
std::string sentence(Verb verb, JobId id, const std::optional<Job>& job) {
  if (verb == Verb::remove)
    return fmt::format("job {} is deleted", id);
  if (verb == Verb::retry)
    return fmt::format("job {} runs again as job {}", id, job->id);
  return job->state == JobState::started ? fmt::format("job {} was asked to stop", id)
                                         : fmt::format("job {} is cancelled", id);
}

bool is_about_this_job(const Error& error) {
  return error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::conflict;
}

int change_each(const Terminal& terminal, WorkerManager& manager, const Invocation& invocation) {
  int code = exit_done;
  Json changed = Json::array();
  for (const JobId id : invocation.ids) {
    try {
      const std::optional<Job> job = apply(manager, invocation.verb, id);
      changed.push_back(job ? to_json(*job) : Json{{"id", id}});
      if (!terminal.json)
        terminal.out << sentence(invocation.verb, id, job) << '\n';
    } catch (const Error& error) {
      if (!is_about_this_job(error))
        throw;
      terminal.err << "errand: " << escaped(error.what()) << '\n';
      code = exit_failed;
    }
  }
  if (terminal.json)
    print_json(terminal, {{"jobs", std::move(changed)}});
  return code;
}

/// Jobs that finish, start or go while this runs are not changed, and not a failure of it.
int change_all(const Terminal& terminal, WorkerManager& manager, const Invocation& invocation) {
  const Change change = change_of(invocation.verb);
  JobFilter filter = invocation.filter;
  filter.limit = page_size;
  if (!filter.state)
    filter.state = change.only_state;
  std::int64_t changed = 0;
  std::int64_t refused = 0;
  do {
    const JobPage page = manager.list_jobs(filter);
    for (const Job& job : page.jobs) {
      try {
        (void)apply(manager, invocation.verb, job.id);
        ++changed;
      } catch (const Error& error) {
        if (!is_about_this_job(error))
          throw;
        ++refused;
      }
    }
    filter.before = page.next;
  } while (filter.before);
  if (terminal.json)
    print_json(terminal, {{"changed", changed}, {"refused", refused}});
  else
    terminal.out << fmt::format("{} jobs {}, {} could not be\n", changed, change.done, refused);
  return exit_done;
}

}  // namespace

int change_jobs(const Terminal& terminal, WorkerManager& manager, const Invocation& invocation) {
  return invocation.all ? change_all(terminal, manager, invocation)
                        : change_each(terminal, manager, invocation);
}

}  // namespace errand::cli
