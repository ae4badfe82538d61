#include <algorithm>
#include <cmath>
#include <errand/job.hpp>
#include <utility>

#include "jobs/retry_rules.hpp"

namespace errand {
namespace {

/// Written so that NaN ends up at the lower bound.
double clamped(double value, double lowest, double highest) {
  return value > lowest ? std::min(value, highest) : lowest;
}

double as_number(milliseconds duration) {
  return static_cast<double>(duration.count());
}

milliseconds as_delay(double count) {
  return milliseconds{std::llround(clamped(count, 0, as_number(retry_delay_max)))};
}

milliseconds backoff_delay(const Backoff& backoff, int attempt, double random) {
  if (backoff.first <= milliseconds{0})
    return milliseconds{0};
  // The power overflows to infinity, and a shrinking one vanishes: both are what the bounds expect.
  const double grown = as_number(backoff.first) * std::pow(backoff.factor, attempt - 1);
  const double bounded = clamped(grown, 0, as_number(backoff.longest));
  const double swing = clamped(backoff.jitter, 0, 1) * (2 * clamped(random, 0, 1) - 1);
  return as_delay(bounded * (1 + swing));
}

std::optional<milliseconds> asked_delay(const RetryPolicy::Function& function,
                                        int attempt,
                                        const Json& error) {
  try {
    const auto delay = function(attempt, error);
    if (!delay)
      return std::nullopt;
    return std::clamp(*delay, milliseconds{0}, retry_delay_max);
  } catch (...) {  // whatever the host's function throws, the failure itself must still be recorded
    return std::nullopt;
  }
}

}  // namespace

RetryPolicy RetryPolicy::never() {
  return RetryPolicy{};
}

RetryPolicy RetryPolicy::backoff(Backoff backoff) {
  RetryPolicy policy;
  policy.backoff_ = backoff;
  return policy;
}

RetryPolicy RetryPolicy::always_after(milliseconds delay) {
  return backoff(
      {.first = delay, .factor = 1.0, .longest = delay, .jitter = 0.0, .max_attempts = 0});
}

RetryPolicy RetryPolicy::custom(Function function) {
  RetryPolicy policy;
  policy.function_ = std::move(function);
  return policy;
}

std::optional<milliseconds> RetryPolicy::delay_after(int attempt,
                                                     const Json& error,
                                                     double random) const {
  const int done = std::max(attempt, 1);
  if (function_)
    return asked_delay(function_, done, error);
  if (!backoff_ || (backoff_->max_attempts > 0 && done >= backoff_->max_attempts))
    return std::nullopt;
  return backoff_delay(*backoff_, done, random);
}

int RetryPolicy::max_attempts() const noexcept {
  if (function_)
    return 0;
  return backoff_ ? backoff_->max_attempts : 1;
}

}  // namespace errand
