#pragma once

#include <chrono>
#include <errand/clock.hpp>
#include <mutex>
#include <span>
#include <vector>

#include "store/waiting_head.hpp"

namespace errand::sql {

/// So few, read in less, cost next to nothing.
inline constexpr std::size_t few_heads = 64;
inline constexpr std::chrono::milliseconds slow_reading{2};

/// How heads are read.
struct HeadReading {
  std::vector<WaitingHead> floors{};  ///< nothing is read before these; none = everything is read
  SteadyPoint asked{};
  SteadyPoint idle_until{};  ///< from then on, who has found nothing reads everything
  SteadyPoint until{};       ///< from then on, everybody does
};

/// JSON, as the statement reads it.
[[nodiscard]] std::string to_json(std::span<const WaitingHead> floors);

/// Before which `due` nothing waits in a queue and priority, as far as one process knows. Beside a
/// transaction that stays open a first waiting row is found behind all that have been taken, which
/// took 70 ms after a million. What was read once begins where that ended, but not later than
/// `commits_within` before it was read: rows become visible that late. Those that come before a
/// floor all the same (a `due` in the past, a job that a worker has let go) are found when
/// everything is read: by those who find nothing else after twenty times as long as that took, by
/// the others after a hundred times. Safe from any thread.
class HeadFloors {
 public:
  static constexpr std::chrono::seconds commits_within{1};
  static constexpr int times_as_long_idle = 20;
  static constexpr int times_as_long = 100;

  /// As it is to be done at `asked`.
  [[nodiscard]] HeadReading reading(SteadyPoint asked) const;

  /// These were found, at `now`, and the answer came at `answered`.
  void note(const HeadReading& reading,
            std::span<const WaitingHead> heads,
            SteadyPoint answered,
            TimePoint now);

 private:
  void begin(const HeadReading& reading, SteadyPoint answered);
  void raise(const WaitingHead& head, TimePoint now);

  mutable std::mutex mutex_{};
  HeadReading known_{};
};

}  // namespace errand::sql
