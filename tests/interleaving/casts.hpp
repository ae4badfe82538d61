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
  /// Somebody decides about a job that waits for all to see: that is kept from held ones by notes
  /// in SQLite, and by locks alone in PostgreSQL.
  bool decides_about_held{false};
};

inline std::ostream& operator<<(std::ostream& out, const Cast& cast) {
  return out << cast.name;
}

[[nodiscard]] std::vector<Cast> casts();
/// In which jobs are held.
[[nodiscard]] std::vector<Cast> holding_casts();

}  // namespace errand::testing
