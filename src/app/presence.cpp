#include "app/presence.hpp"

namespace errand {

void Presence::note(std::span<const std::int64_t> users, SteadyPoint now) {
  if (now >= next_sweep_) {
    std::erase_if(until_, [now](const auto& one) { return one.second <= now; });
    next_sweep_ = now + presence_period;
  }
  for (const std::int64_t user : users)
    until_[user] = now + presence_lifetime;
}

bool Presence::is_elsewhere(std::int64_t user, SteadyPoint now) const {
  const auto found = until_.find(user);
  return found != until_.end() && now < found->second;
}

}  // namespace errand
