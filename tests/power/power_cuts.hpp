#pragma once

#include <string>
#include <vector>

#include "power/scene.hpp"

namespace errand::testing {

struct Verdict {
  int cuts{0};
  std::vector<std::string> complaints{};  ///< the first few
  int broken{0};                          ///< cuts that are complained about
};

/// Cuts the power after every event of the scene that follows its note number `from`, each time in
/// several ways, opens what is left with SQLite's plain VFS and compares it with what the program
/// had been told. Every so often the work is resumed: everything that is due must run to its end.
[[nodiscard]] Verdict cut_everywhere(const Scene& scene, std::uint64_t seed, std::size_t from = 1);

}  // namespace errand::testing
