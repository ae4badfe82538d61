#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace errand::torture {

/// Another process of this program, with `environment` besides this process's own. Its output goes
/// to the end of `log`.
[[nodiscard]] pid_t spawn_self(std::vector<std::string> arguments,
                               const std::map<std::string, std::string>& environment,
                               const std::filesystem::path& log);

/// Any other program, looked for in PATH.
[[nodiscard]] pid_t spawn_program(const std::string& program,
                                  std::vector<std::string> arguments,
                                  const std::map<std::string, std::string>& environment,
                                  const std::filesystem::path& log);

}  // namespace errand::torture
