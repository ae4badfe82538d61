#pragma once

#include <errand/config.hpp>
#include <string>
#include <utility>
#include <vector>

namespace errand {

/// The variables from which a child reads the part of this configuration that concerns a worker,
/// whatever files, flags or code it came from here. Read back with `Config::from_env`, they give
/// the same values.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> child_environment(
    const Config& config);

/// The arguments this process was started with: a child is started with the same, so that the
/// host's `main` takes the same way.
[[nodiscard]] std::vector<std::string> own_arguments();

}  // namespace errand
