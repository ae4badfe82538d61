#pragma once

#include <errand/job.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace errand::sql {

/// Consecutive ids, both ends included.
struct IdRun {
  JobId first{0};
  JobId last{0};

  bool operator==(const IdRun&) const = default;
};

/// The fewest runs that have just these ids, in order.
[[nodiscard]] std::vector<IdRun> runs_of(std::vector<JobId> ids);

/// In order and apart, whatever overlaps.
[[nodiscard]] std::vector<IdRun> merged(std::vector<IdRun> runs);

/// Of runs that are in order and apart.
[[nodiscard]] bool is_in(std::span<const IdRun> runs, JobId id);

/// `[[first,last],…]`.
[[nodiscard]] Json to_json(std::span<const IdRun> runs);
/// What `to_json` has written. Throws for another text.
[[nodiscard]] std::vector<IdRun> runs_from(std::string_view json);

}  // namespace errand::sql
