#pragma once

#include <errand/job.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// A body of `POST /jobs`: one object, or an array of them.
struct Submission {
  bool many{false};
  std::vector<NewJob> jobs{};
};

/// The longest text of one job; an array may hold many of them.
inline constexpr std::size_t submission_bytes_max = 32 * 1024 * 1024;

/// Throws `Error{invalid}` with the field, in an array as "jobs[3].data".
[[nodiscard]] Submission parse_submission(std::string_view body);

/// The texts of an array's elements; nothing when `text` is no array. Only brackets and strings are
/// looked at: each element is checked by whoever parses it.
[[nodiscard]] std::optional<std::vector<std::string_view>> split_array(std::string_view text);

}  // namespace errand
