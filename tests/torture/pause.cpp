#include "pause.hpp"

#include <poll.h>

#include <algorithm>

#include "history.hpp"

namespace errand::torture {

void pause_until(std::int64_t instant_us, const std::atomic<bool>& stopping) {
  constexpr std::int64_t longest_ms = 100;
  while (!stopping) {
    const std::int64_t left_us = instant_us - now_us();
    if (left_us <= 0)
      return;
    ::poll(nullptr, 0, static_cast<int>(std::min(longest_ms, (left_us + 999) / 1000)));
  }
}

}  // namespace errand::torture
