#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

struct Target {
  std::string path{};
  std::map<std::string, std::string> query{};
};

/// A request target, decoded once. Nothing for a bad percent escape, NUL or another control
/// character, text that is not UTF-8, a `.` or `..` segment, a backslash, or a query name given
/// twice.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

}  // namespace errand
