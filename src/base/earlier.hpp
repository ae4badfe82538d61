#pragma once

#include <optional>

namespace errand {

/// The earlier of two instants, of which either may be missing.
template <typename Instant>
void keep_earlier(std::optional<Instant>& earliest, const std::optional<Instant>& other) {
  if (other && (!earliest || *other < *earliest))
    earliest = other;
}

template <typename Instant>
void keep_earlier(std::optional<Instant>& earliest, const Instant& other) {
  keep_earlier(earliest, std::optional{other});
}

}  // namespace errand
