#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace errand::torture {

/// What a process needs in its environment so that its clock, not its monotonic one, is the one
/// that `set_fake_clock` sets. Throws `Error{invalid}` when libfaketime is not installed.
[[nodiscard]] std::map<std::string, std::string> fake_clock_environment(
    const std::filesystem::path& folder);

/// So many seconds beside the true one.
void set_fake_clock(const std::filesystem::path& folder, int seconds);

}  // namespace errand::torture
