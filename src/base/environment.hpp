#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// One `NAME=value` of an environment file.
struct EnvironmentLine {
  std::string name{};
  std::string value{};
  std::string place{};  ///< ".env.local line 3"
};

struct EnvironmentText {
  std::vector<EnvironmentLine> lines{};
  std::vector<std::string> mistakes{};  ///< a sentence each; values are not quoted in them
};

/// Reads the usual form of such files: `NAME=value`, an optional `export`, comments from `#`,
/// 'literal' and "quoted" values (\n \t \r \" \\ \$ inside the latter), both over several lines if
/// need be. Nothing is replaced inside values. `file` is the name for places and mistakes.
[[nodiscard]] EnvironmentText parse_environment(std::string_view text, const std::string& file);

/// The same of a file. One that is not there is empty; one that cannot be read is a mistake.
[[nodiscard]] EnvironmentText read_environment_file(const std::filesystem::path& path);

/// The variables of this process.
[[nodiscard]] std::map<std::string, std::string> process_environment();

}  // namespace errand
