#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/invocation.hpp"

namespace CLI {
class App;
}

namespace errand::cli {

/// What the command line itself has an answer to: help, version, bad usage.
struct Answer {
  int exit_code{0};
  std::string text{};  ///< for standard output when the code is 0, else one sentence for errors
};

struct CommandLine {
  std::optional<Answer> answer{};
  Invocation invocation{};
};

/// `arguments` without the program's name. Touches neither environment nor terminal.
[[nodiscard]] CommandLine parse_command_line(const std::string& program,
                                             const std::vector<std::string>& arguments);

/// The verbs, by group; `invocation` must outlive `app`.
void declare_job_verbs(CLI::App& app, Invocation& invocation);
void declare_other_verbs(CLI::App& app, Invocation& invocation);

}  // namespace errand::cli
