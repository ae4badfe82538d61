#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace errand {

/// A to Z in lower case, every other byte as it is, whatever the locale.
[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

}  // namespace errand
