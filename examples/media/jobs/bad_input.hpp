#pragma once

#include <errand/errand.hpp>
#include <string>

namespace demo {

/// Runs `work`; what is wrong with the request itself (`Error{invalid}`) fails the job for good,
/// because trying again would not change it. Everything else passes on, to the retry policy.
template <typename Work>
errand::Outcome give_up_on_bad_input(const std::string& what_failed, const Work& work) {
  try {
    return work();
  } catch (const errand::Error& error) {
    if (error.kind() != errand::ErrorKind::invalid)
      throw;
    return errand::Outcome::give_up(what_failed + ": " + error.what());
  }
}

}  // namespace demo
