#include "app/config_sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "app/config_table.hpp"
#include "base/environment.hpp"

namespace errand {
namespace {

using Variables = std::map<std::string, std::string>;

/// Insertions, deletions, replacements and swaps of neighbours that turn one name into the other.
std::size_t slips_between(std::string_view one, std::string_view other) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> above(other.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::vector<std::size_t> row(other.size() + 1, i);
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t changed = above[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(above, std::move(row));
  }
  return above.back();
}

/// Short names are near too many others: HOST is one letter from POST.
std::size_t slips_max(std::string_view name) {
  if (name.size() < 8)
    return 0;
  return name.size() < 12 ? 1 : 2;
}

const ConfigVariable* nearest_variable(std::string_view name) {
  const ConfigVariable* nearest = nullptr;
  std::size_t slips = 3;
  for (const ConfigVariable& variable : config_variables()) {
    const std::size_t distance = slips_between(name, variable.name);
    if (distance <= slips_max(variable.name) && distance < slips) {
      nearest = &variable;
      slips = distance;
    }
  }
  return nearest;
}

bool is_the_managers(std::string_view name) {
  return name == "WORKER_ID" || name == "ERRAND_IPC_FD";
}

/// `suspects`: lines whose names are not ours but nearly.
void take_file(ConfigSources& sources,
               const std::filesystem::path& path,
               std::vector<EnvironmentLine>& suspects) {
  EnvironmentText text = read_environment_file(path);
  for (EnvironmentLine& line : text.lines) {
    if (find_config_variable(line.name) == nullptr) {
      if (nearest_variable(line.name) != nullptr)
        suspects.push_back(std::move(line));
    } else if (!is_the_managers(line.name)) {
      sources.places[line.name] = line.place;
      sources.variables[line.name] = std::move(line.value);
    }
  }
  sources.mistakes.insert(sources.mistakes.end(), text.mistakes.begin(), text.mistakes.end());
}

/// A Node.js parent tells its children the same by a name of its own.
void take_line_of_node(ConfigSources& sources, const Variables& environment) {
  const auto line = environment.find("NODE_CHANNEL_FD");
  if (line != environment.end() && environment.contains("WORKER_ID"))
    sources.variables.try_emplace("ERRAND_IPC_FD", line->second);
}

void take_environment(ConfigSources& sources, const Variables& environment) {
  for (const auto& [name, value] : environment) {
    if (find_config_variable(name) == nullptr)
      continue;
    sources.variables[name] = value;
    sources.places.erase(name);
  }
  take_line_of_node(sources, environment);
}

/// Whoever sets the right name too means something else by the other.
void add_hints(ConfigSources& sources, const std::vector<EnvironmentLine>& suspects) {
  for (const EnvironmentLine& line : suspects) {
    const std::string_view meant = nearest_variable(line.name)->name;
    if (!sources.variables.contains(std::string{meant}))
      sources.hints.push_back(fmt::format(
          "{} sets {}, which errand does not read; {} was meant?", line.place, line.name, meant));
  }
}

std::string environment_name(const ConfigSources& sources, const Variables& environment) {
  const auto given = environment.find("ERRAND_ENV");
  const auto in_file = sources.variables.find("ERRAND_ENV");
  Config config;
  if (given != environment.end())
    (void)find_config_variable("ERRAND_ENV")->set(config, given->second);
  else if (in_file != sources.variables.end())
    (void)find_config_variable("ERRAND_ENV")->set(config, in_file->second);
  return config.environment;
}

}  // namespace

ConfigSources gather_config(const std::filesystem::path& folder, const Variables& environment) {
  ConfigSources sources;
  std::vector<EnvironmentLine> suspects;
  take_file(sources, folder / ".env", suspects);
  const std::string name = environment_name(sources, environment);
  // `ERRAND_ENV=local` names a file that is read anyway, and last.
  if (name != "local")
    take_file(sources, folder / (".env." + name), suspects);
  take_file(sources, folder / ".env.local", suspects);
  take_environment(sources, environment);
  add_hints(sources, suspects);
  return sources;
}

}  // namespace errand
