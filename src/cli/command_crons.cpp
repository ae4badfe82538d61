#include <ostream>

#include "base/time_text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/show.hpp"
#include "cli/table.hpp"
#include "jobs/cron.hpp"
#include "jobs/job_json.hpp"

namespace errand::cli {
namespace {

std::string last_run(const CronInfo& cron) {
  if (!cron.last_finished)
    return "-";
  const bool success = cron.last_success.value_or(false);
  return shown_time(cron.last_finished) + (success ? " succeeded" : " failed");
}

/// A mistake in the expression is one in the command line.
Cron parsed(const CronNextArguments& arguments) {
  try {
    return Cron::parse(arguments.expression, arguments.timezone);
  } catch (const Error& error) {
    throw Error{error.kind(), error.what(), error.field().empty() ? "EXPR" : error.field()};
  }
}

}  // namespace

int list_crons(const Terminal& terminal, WorkerManager& manager) {
  const std::vector<CronInfo> crons = manager.list_crons();
  if (terminal.json) {
    Json json = Json::array();
    for (const CronInfo& cron : crons)
      json.push_back(to_json(cron));
    print_json(terminal, json);
    return exit_done;
  }
  Table table{{"TAG", "TYPE", "SCHEDULE", "ZONE", "NEXT (UTC)", "LAST (UTC)"}};
  for (const CronInfo& cron : crons)
    table.add({cron.tag,
               cron.type,
               cron.schedule,
               cron.timezone.empty() ? "UTC" : cron.timezone,
               shown_time(cron.next_due),
               last_run(cron)});
  terminal.out << (table.empty() ? "no crons\n" : table.text(terminal.width));
  return exit_done;
}

int next_runs(const Terminal& terminal, const CronNextArguments& arguments, TimePoint now) {
  const Cron cron = parsed(arguments);
  Json instants = Json::array();
  std::optional<TimePoint> slot = cron.next_after(now);
  for (int i = 0; i < arguments.count && slot; ++i) {
    instants.push_back(iso8601(*slot));
    slot = cron.next_after(*slot);
  }
  if (instants.empty())
    throw Error{ErrorKind::not_found, "the expression never comes true in the next 28 years"};
  if (terminal.json) {
    print_json(terminal, instants);
    return exit_done;
  }
  for (const Json& instant : instants)
    terminal.out << instant.get<std::string>() << '\n';
  return exit_done;
}

}  // namespace errand::cli
