#include "store/holding.hpp"

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

}  // namespace errand::sql
