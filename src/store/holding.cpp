#include "store/holding.hpp"

#include <algorithm>
#include <utility>

namespace errand::sql {

Holding::Kept Holding::take(ProcessId process) {
  const std::lock_guard lock{mutex_};
  const auto found = kept_.find(process);
  if (found == kept_.end())
    return nullptr;
  Kept kept = std::move(found->second);
  kept_.erase(found);
  return kept;
}

void Holding::put(ProcessId process, Kept kept) {
  Kept before;  // rolled back outside the lock
  const std::lock_guard lock{mutex_};
  before = std::exchange(kept_[process], std::move(kept));
}

void Holding::set_noted(ProcessId process, bool noted) {
  const std::lock_guard lock{mutex_};
  if (noted)
    noted_.insert(process);
  else
    noted_.erase(process);
}

bool Holding::is_noted(ProcessId process) const {
  const std::lock_guard lock{mutex_};
  return noted_.contains(process);
}

TimePoint Holding::same_since(ProcessId process,
                              std::span<const IdRun> noted_by_alike,
                              TimePoint now) {
  const std::lock_guard lock{mutex_};
  Seen& seen = seen_[process];
  if (!std::ranges::equal(seen.noted, noted_by_alike) || seen.since > now)
    seen = {{noted_by_alike.begin(), noted_by_alike.end()}, now};
  return seen.since;
}

}  // namespace errand::sql
