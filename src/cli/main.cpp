#include <sys/ioctl.h>
#include <unistd.h>

#include <errand/errand.hpp>
#include <filesystem>
#include <iostream>
#include <stdlib.h>

#include "app/config_sources.hpp"
#include "base/environment.hpp"
#include "base/system_clock.hpp"
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/program.hpp"
#include "cli/show.hpp"

namespace errand {
namespace {

using cli::Invocation;
using cli::Stage;
using cli::Terminal;
using cli::Verb;

bool is_set(const char* name) {
  const char* value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread has started yet
  return value != nullptr && *value != '\0';
}

/// A child of a manager: its command line is the manager's own, and not for it.
bool is_child() {
  return is_set("WORKER_ID") && (is_set("ERRAND_IPC_FD") || is_set("NODE_CHANNEL_FD"));
}

/// Flags become variables of this process, so that they beat the others here and in the children.
void export_flags(const Invocation& invocation) {
  for (const auto& [name, value] : invocation.variables)
    ::setenv(name.c_str(), value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): same
  if (invocation.verb == Verb::work)
    ::setenv("WEB_ENABLED", "false", 1);  // NOLINT(concurrency-mt-unsafe): same
}

Terminal standard_terminal(bool json) {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return {std::cin, std::cout, std::cerr, known ? size.ws_col : std::size_t{0}, json};
}

void print_error(std::string_view message) {
  std::cerr << "errand: " << cli::shown_lines(message) << '\n';
}

int answer(const cli::Answer& answer) {
  if (answer.exit_code == cli::exit_done)
    std::cout << answer.text;
  else
    print_error(answer.text);
  return answer.exit_code;
}

Config read_config() {
  const ConfigSources sources = gather_config(".", process_environment());
  Config config = build_config(sources);
  for (const std::string& hint : sources.hints)
    print_error(hint);
  return config;
}

int run(const Terminal& terminal, const Invocation& invocation, JobRegistry jobs, Stage& stage) {
  // These two say something useful without a configuration that works.
  if (invocation.verb == Verb::cron_next || invocation.verb == Verb::check) {
    stage = Stage::command;
    return invocation.verb == Verb::check
               ? cli::check(terminal, std::move(jobs))
               : cli::next_runs(terminal, invocation.cron_next, SystemClock{}.wall_now());
  }
  ServerApp app{read_config(), std::move(jobs)};
  stage = Stage::command;
  return cli::run_command(terminal, app, invocation);
}

/// Every way for a command to end becomes an exit code here.
template <typename Command>
int exit_code_of(Stage& stage, const Command& command) {
  try {
    const int code = command();
    if (!std::cout.flush())
      throw Error{ErrorKind::timed_out, "cannot write to standard output; is the disk full?"};
    return code;
  } catch (const Error& error) {
    print_error(error.what());
    return cli::exit_code_for(error, stage);
  } catch (const std::exception& failure) {
    print_error(failure.what());
    return cli::exit_failed;
  }
}

}  // namespace

int main(int argc, char** argv, JobRegistry jobs) {
  Stage stage = Stage::configuration;
  if (is_child())
    return exit_code_of(stage, [&] {
      return ServerApp{Config::from_env(), std::move(jobs)}.run();
    });
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const std::string program =
      argc > 0 ? std::filesystem::path{argv[0]}.filename().string() : "errand";
  return exit_code_of(stage, [&] {
    const cli::CommandLine line = cli::parse_command_line(program, words);
    if (line.answer)
      return answer(*line.answer);
    export_flags(line.invocation);
    return run(standard_terminal(line.invocation.json), line.invocation, std::move(jobs), stage);
  });
}

}  // namespace errand
