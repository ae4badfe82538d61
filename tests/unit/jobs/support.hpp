#pragma once

#include <errand/clock.hpp>
#include <errand/error.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time_text.hpp"

namespace errand::jobs_test {

/// An instant written as in the API.
inline TimePoint at(std::string_view text) {
  return parse_iso8601(text).value();
}

/// What an `Error` said, for tests of refusals.
struct Refusal {
  ErrorKind kind{ErrorKind::bug};
  std::string message{"nothing was thrown"};
  std::string field{};
};

inline Refusal refusal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.kind(), error.what(), error.field()};
  }
  return {};
}

}  // namespace errand::jobs_test
