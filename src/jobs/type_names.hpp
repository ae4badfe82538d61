#pragma once

#include <errand/job_registry.hpp>
#include <string>
#include <vector>

namespace errand {

/// What a worker with this registry knows, in the registry's order.
[[nodiscard]] inline std::vector<std::string> names_of_types(const JobRegistry& registry) {
  std::vector<std::string> names;
  for (const auto& [name, type] : registry.types())
    names.push_back(name);
  return names;
}

}  // namespace errand
