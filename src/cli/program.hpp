#pragma once

#include <errand/server_app.hpp>

#include "cli/invocation.hpp"
#include "cli/terminal.hpp"

/// The commands that need the application or its database itself.
namespace errand::cli {

/// `errand migrate [--check]`: exit 1 when something is missing and was not to be applied.
[[nodiscard]] int migrate(const Terminal& terminal, const Config& config, bool only_check);

/// `errand check`: every problem in one go; exit 1 when there is one.
[[nodiscard]] int check(const Terminal& terminal, JobRegistry jobs);

/// Everything that runs over a ServerApp: all but `cron next` and `check`.
[[nodiscard]] int run_command(const Terminal& terminal,
                              ServerApp& app,
                              const Invocation& invocation);

}  // namespace errand::cli
