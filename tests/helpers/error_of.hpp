#pragma once

#include <gtest/gtest.h>

#include <errand/error.hpp>

namespace errand::testing {

/// What a call throws. One that throws nothing fails the test.
template <typename Call>
[[nodiscard]] Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no Error";
  return {ErrorKind::bug, ""};
}

}  // namespace errand::testing
