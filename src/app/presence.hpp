#pragma once

#include <cstdint>
#include <errand/clock.hpp>
#include <map>
#include <span>

namespace errand {

inline constexpr std::chrono::seconds presence_lifetime{30};
inline constexpr std::chrono::seconds presence_period{10};

/// Which users have browsers at other nodes, as those said within the last 30 s.
class Presence {
 public:
  void note(std::span<const std::int64_t> users, SteadyPoint now);
  [[nodiscard]] bool is_elsewhere(std::int64_t user, SteadyPoint now) const;

  [[nodiscard]] std::size_t size() const noexcept { return until_.size(); }

 private:
  std::map<std::int64_t, SteadyPoint> until_{};
  SteadyPoint next_sweep_{SteadyPoint::min()};
};

}  // namespace errand
