#pragma once

#include <errand/config.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace errand {

/// What was found in files and environment, before anything is made of it.
struct ConfigSources {
  std::map<std::string, std::string> variables{};  ///< ours only; an empty value is not set
  std::map<std::string, std::string> places{};     ///< variable → ".env.local line 3"
  std::vector<std::string> mistakes{};             ///< about the files themselves
  std::vector<std::string> hints{};  ///< variables in our files that look like a slip of ours
};

/// Reads `.env`, `.env.<ERRAND_ENV>` and `.env.local` in `folder`, then `environment`; later ones
/// win. WORKER_ID and ERRAND_IPC_FD count only in `environment`; there, the NODE_CHANNEL_FD that a
/// Node.js parent sets stands for the latter.
[[nodiscard]] ConfigSources gather_config(const std::filesystem::path& folder,
                                          const std::map<std::string, std::string>& environment);

/// Throws `Error{invalid}` that lists every mistake, hints included.
[[nodiscard]] Config build_config(const ConfigSources& sources);

}  // namespace errand
