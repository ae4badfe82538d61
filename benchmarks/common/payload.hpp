#pragma once

#include <string>

namespace errand::bench {

/// What a job's JSON is filled with so that it has so many bytes: {"customField":"xxx…"}, the same
/// for errand, the limit and the peers.
[[nodiscard]] inline std::string filling_of(int bytes) {
  constexpr int around = 18;
  return std::string(static_cast<std::size_t>(bytes - around), 'x');
}

}  // namespace errand::bench
