#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "fail_nth/bench.hpp"

namespace errand::testing {

/// One call of the store, told in a way that two runs of it compare equal.
struct Scenario {
  std::string name{};
  std::function<void(Bench&)> prepare{};
  std::function<std::string(Bench&, Store&)> call{};
  /// Repeated after it was done, it changes nothing.
  bool is_idempotent{true};
  /// Takes several transactions: between them the work is partly done.
  bool in_steps{false};
  int connections{1};  ///< that it takes at once
};

[[nodiscard]] std::vector<Scenario> submissions();
[[nodiscard]] std::vector<Scenario> exchanges();
[[nodiscard]] std::vector<Scenario> operations();

inline std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.name;
}

}  // namespace errand::testing
