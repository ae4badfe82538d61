#pragma once

#include <chrono>

namespace errand {

/// How often something happened in the second that runs.
class RateLimit {
 public:
  explicit RateLimit(int per_second_max) : per_second_max_{per_second_max} {}

  bool exceeded() {
    const auto now = std::chrono::steady_clock::now();
    if (now - begin_ >= std::chrono::seconds{1}) {
      begin_ = now;
      count_ = 0;
    }
    return ++count_ > per_second_max_;
  }

 private:
  const int per_second_max_;
  int count_{0};
  std::chrono::steady_clock::time_point begin_{};
};

}  // namespace errand
