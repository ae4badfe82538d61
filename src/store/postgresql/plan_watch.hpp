#pragma once

#include <chrono>

namespace errand::sql {

/// A session keeps the plan of a prepared statement. One that was made while the table was small
/// reads all of it, and goes on to do so when it has grown, until the server's next ANALYZE: for a
/// minute or more. A slow answer may be such a plan's, and then plans are made anew, which costs
/// about as much as one claim. Times are those of the caller's steady clock.
class PlanWatch {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::milliseconds slow{5};
  static constexpr std::chrono::seconds between_doubts{1};

  void answered(Clock::time_point asked, Clock::time_point answered) noexcept {
    doubtful_ = doubtful_ || answered - asked >= slow;
  }

  /// Whether plans are to be made anew; then the doubt is over, and the next one comes a second
  /// later at the earliest.
  [[nodiscard]] bool take_doubt(Clock::time_point now) noexcept {
    if (!doubtful_ || now < trusted_until_)
      return false;
    doubtful_ = false;
    trusted_until_ = now + between_doubts;
    return true;
  }

 private:
  bool doubtful_{false};
  Clock::time_point trusted_until_{};
};

}  // namespace errand::sql
