#pragma once

#include <cstddef>
#include <vector>

namespace errand::testing {

/// Which actor takes its next step, from the first to the last.
using Order = std::vector<std::size_t>;

/// Every order in which actors can take their steps, each actor its own in their order:
/// `steps[actor]` many.
[[nodiscard]] inline std::vector<Order> orders_of(std::vector<std::size_t> steps) {
  std::vector<Order> all;
  bool any = false;
  for (std::size_t actor = 0; actor < steps.size(); ++actor) {
    if (steps[actor] == 0)
      continue;
    any = true;
    --steps[actor];
    for (Order& rest : orders_of(steps)) {
      rest.insert(rest.begin(), actor);
      all.push_back(std::move(rest));
    }
    ++steps[actor];
  }
  if (!any)
    all.emplace_back();
  return all;
}

}  // namespace errand::testing
