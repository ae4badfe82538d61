#pragma once

#include <stdexcept>
#include <string>

namespace errand {

/// What the caller can do about an error: the only thing worth telling kinds apart for.
enum class ErrorKind {
  invalid,      ///< the request is wrong; change it
  not_found,    ///< the job, type or row does not exist
  conflict,     ///< the thing exists but is in a state that forbids this
  unavailable,  ///< the database or a resource is away; try again later
  timed_out,    ///< the answer did not come in time; the effect is unknown
  cancelled,    ///< the job was asked to stop
  bug,          ///< errand broke a promise of its own; report it
};

/// The only exception type that errand throws.
///
/// `what()` is one sentence for an operator: what failed, on what, why, what to do. It never holds
/// a secret.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string field = {})
      : std::runtime_error{message}, kind_{kind}, field_{std::move(field)} {}

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

  /// The input field at fault ("data", "cronSchedule"), or empty.
  [[nodiscard]] const std::string& field() const noexcept { return field_; }

 private:
  ErrorKind kind_;
  std::string field_;
};

}  // namespace errand
