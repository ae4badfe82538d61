#include <ostream>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/program.hpp"

namespace errand::cli {
namespace {

int print_token(const Terminal& terminal, ServerApp& app, const TokenArguments& arguments) {
  const std::string token = app.create_user_token(arguments.user_id, arguments.lifetime);
  if (terminal.json)
    print_json(terminal, {{"token", token}});
  else
    terminal.out << token << '\n';
  return exit_done;
}

}  // namespace

int run_command(const Terminal& terminal, ServerApp& app, const Invocation& invocation) {
  switch (invocation.verb) {
    case Verb::submit:
      return submit(terminal, app.worker_manager(), invocation.submit);
    case Verb::jobs:
      return list_jobs(terminal, app.worker_manager(), invocation.filter);
    case Verb::job:
      return show_job(terminal, app.worker_manager(), invocation.ids.at(0));
    case Verb::retry:
    case Verb::cancel:
    case Verb::remove:
      return change_jobs(terminal, app.worker_manager(), invocation);
    case Verb::workers:
      return list_workers(terminal, app.worker_manager());
    case Verb::crons:
      return list_crons(terminal, app.worker_manager());
    case Verb::token:
      return print_token(terminal, app, invocation.token);
    case Verb::migrate:
      return migrate(terminal, app.config(), invocation.only_check);
    case Verb::cron_next:
    case Verb::check:
    case Verb::serve:
    case Verb::work:
      break;
  }
  return app.run();
}

}  // namespace errand::cli
