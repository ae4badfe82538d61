#include "cli/arguments.hpp"

#include <CLI/CLI.hpp>

#include "app/config_table.hpp"
#include "base/host.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"

namespace errand::cli {
namespace {

/// Secrets would show in the list of processes; what the manager sets is nobody's to say.
bool has_flag(const ConfigVariable& variable) {
  return variable.name == "DATABASE_URL" ||
         (!variable.secret && variable.name != "WORKER_ID" && variable.name != "ERRAND_IPC_FD");
}

std::string without_backticks(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != '`')
      plain += c;
  }
  return plain;
}

void declare_variables(CLI::App& app, Invocation& invocation) {
  for (const ConfigVariable& variable : config_variables()) {
    if (!has_flag(variable))
      continue;
    const auto set = [&invocation, &variable](const std::string& value) {
      Config probe;
      if (!variable.set(probe, value))
        throw CLI::ValidationError(flag_name(variable),
                                   "allowed is " + without_backticks(variable.allowed));
      invocation.variables[std::string{variable.name}] = value;
    };
    app.add_option_function<std::string>(
           flag_name(variable), set, without_backticks(variable.meaning))
        ->group("Configuration (each is also a variable: --port is PORT)")
        ->type_name("");
  }
}

struct Request {
  bool help{false};
  bool version{false};
};

/// `--wait` alone has a value of its own; its next word is never one.
std::vector<std::string> normalised(std::vector<std::string> arguments) {
  for (std::string& argument : arguments) {
    if (argument == "--")
      break;
    if (argument == "--wait")
      argument = "--wait=30s";
  }
  // What CLI11 is given as a vector is read from its end.
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

Answer usage_error(const CLI::ParseError& error) {
  return {exit_usage, escaped(error.what()) + "; see 'errand help'"};
}

/// What stands where a verb should and is none; CLI11 only finds it superfluous.
Answer unknown_verb(const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with('-'))
    return usage_error(error);
  return {exit_usage,
          "there is no command \"" + escaped(arguments.front()) + "\"; see 'errand help'"};
}

void check_selection(const Invocation& invocation) {
  const bool many = invocation.verb == Verb::retry || invocation.verb == Verb::cancel ||
                    invocation.verb == Verb::remove;
  if (many && invocation.ids.empty() == !invocation.all)
    throw CLI::RequiredError(invocation.all ? "Either ids or --all, not both: one"
                                            : "Ids, or --all with a filter");
}

}  // namespace

CommandLine parse_command_line(const std::string& program,
                               const std::vector<std::string>& arguments) {
  CommandLine line;
  Request request;
  CLI::App app{"Durable background jobs. Without a verb: serve.", program};
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.set_version_flag("--version", "errand " + std::string{version_text});
  app.add_flag("--json", line.invocation.json, "Output for programs");
  declare_job_verbs(app, line.invocation);
  declare_other_verbs(app, line.invocation);
  app.add_subcommand("version", "Print the version")->callback([&request] {
    request.version = true;
  });
  app.add_subcommand("help", "Print this text")->callback([&request] { request.help = true; });
  declare_variables(app, line.invocation);
  try {
    auto words = normalised(arguments);
    app.parse(words);
    check_selection(line.invocation);
  } catch (const CLI::CallForHelp&) {
    line.answer = Answer{exit_done, app.help()};
  } catch (const CLI::CallForVersion& version) {
    line.answer = Answer{exit_done, std::string{version.what()} + "\n"};
  } catch (const CLI::ExtrasError& error) {
    line.answer =
        app.get_subcommands().empty() ? unknown_verb(error, arguments) : usage_error(error);
  } catch (const CLI::ParseError& error) {
    line.answer = usage_error(error);
  }
  if (request.help && !line.answer) {
    // Otherwise it explains the verb it has seen, which is "help".
    app.clear();
    line.answer = Answer{exit_done, app.help()};
  }
  if (request.version && !line.answer)
    line.answer = Answer{exit_done, "errand " + std::string{version_text} + "\n"};
  return line;
}

}  // namespace errand::cli
