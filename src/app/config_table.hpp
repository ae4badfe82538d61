#pragma once

#include <errand/config.hpp>
#include <span>
#include <string>
#include <string_view>

namespace errand {

/// One thing that can be set from outside. The table of these is what is parsed, checked, shown and
/// documented.
struct ConfigVariable {
  std::string_view name{};
  std::string_view default_text{};
  std::string_view allowed{};
  std::string_view meaning{};
  bool secret{false};
  /// Sets the field. False, with the field as it was, for a value that is not allowed.
  bool (*set)(Config& config, std::string_view value){nullptr};
};

[[nodiscard]] std::span<const ConfigVariable> config_variables();

/// Null when there is none of this name.
[[nodiscard]] const ConfigVariable* find_config_variable(std::string_view name);

/// The value as it may be printed: secrets and passwords hidden, control characters escaped.
[[nodiscard]] std::string shown_value(const ConfigVariable& variable, std::string_view value);

/// "--worker-count" for WORKER_COUNT.
[[nodiscard]] std::string flag_name(const ConfigVariable& variable);

/// The table of docs/configuration.md.
[[nodiscard]] std::string config_markdown();

}  // namespace errand
