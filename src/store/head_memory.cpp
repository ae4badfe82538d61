#include "store/head_memory.hpp"

#include <utility>

namespace errand::sql {

std::vector<WaitingHead> HeadMemory::take() {
  const std::lock_guard lock{mutex_};
  std::vector<WaitingHead> heads = std::exchange(heads_, {});
  if (now() >= good_until_)
    heads.clear();
  return heads;
}

void HeadMemory::note_read(std::span<const WaitingHead> heads,
                           const HeadReading& reading,
                           TimePoint seen_at) {
  const SteadyPoint answered = now();
  const auto took = answered - reading.asked;
  floors_.note(reading, heads, answered, seen_at);
  const std::lock_guard lock{mutex_};
  const bool cheap = heads.size() <= few_heads && took < slow_reading;
  good_until_ = answered + (cheap ? took * 0 : times_as_long * took);
}

void HeadMemory::keep(std::vector<WaitingHead> heads) {
  std::erase_if(heads, [](const WaitingHead& head) { return head.spent; });
  const std::lock_guard lock{mutex_};
  heads_ = std::move(heads);
}

}  // namespace errand::sql
