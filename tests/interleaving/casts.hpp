#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "interleaving/scene.hpp"

namespace errand::testing {

/// Actors who meet over one job, each with its own steps in their order.
struct Cast {
  std::string name{};
  PreparedJob job{};
  std::vector<std::vector<Step>> actors{};
};

inline std::ostream& operator<<(std::ostream& out, const Cast& cast) {
  return out << cast.name;
}

[[nodiscard]] std::vector<Cast> casts();

}  // namespace errand::testing
