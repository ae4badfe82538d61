#pragma once

#include <errand/job.hpp>
#include <optional>

namespace errand {

/// What the poll loop knows when it decides what to do next.
struct LoopState {
  int lanes{1};             ///< jobs this worker can run at once
  int batch{1};             ///< jobs worth claiming: BatchSize::value()
  int hold{0};              ///< jobs worth holding by locks: BatchSize::hold()
  bool may_be_short{true};  ///< BatchSize::may_be_short()
  bool may_hold{true};      ///< false = claims are written, however short the jobs
  int queued{0};            ///< claimed, not begun
  int running{0};
  int finished{0};  ///< run, not recorded
  std::optional<SteadyPoint> oldest_finished{};
  std::optional<SteadyPoint> oldest_queued{};
  std::optional<SteadyPoint> latest_begin{};  ///< when a lane last began a job
  bool woken{false};                          ///< somebody said that jobs may be due
  bool more{false};                           ///< the last claim got all it asked for
  bool left_to_holders{false};                ///< there was more, but others were at it
  SteadyPoint next_look{};
  bool draining{false};
  std::optional<SteadyPoint> held_at{};   ///< since when jobs are held by locks
  std::optional<SteadyPoint> rests_at{};  ///< if nothing comes until then; nothing = rests already
};

struct LoopPlan {
  bool record{false};
  int claim{0};           ///< how many; 0 = none
  bool told{false};       ///< jobs are said to be due: no look before the claim
  bool hold{false};       ///< what is claimed is held by locks
  bool yields{false};     ///< a backlog that others hold is left to them
  bool end_hold{false};   ///< exchange now, whatever there is to record: the locks are getting old
  bool hand_back{false};  ///< release what is queued: it waits behind something long
  bool rest{false};       ///< there was nothing to do for a while: give back what is not needed
  std::optional<SteadyPoint>
      wait_until{};  ///< when to think again if nothing happens; nothing = until something does
};

inline constexpr int record_at_count = 100;
inline constexpr milliseconds record_at_age{10};
inline constexpr milliseconds queued_age_max{200};
inline constexpr milliseconds hold_age_max{20};
inline constexpr milliseconds long_run{
    50};  ///< from then on a running job is not expected to end at any moment

/// Pure: claims when there is room and a reason, records by count, by age or when nothing else is
/// left to do, hands back what waits behind a long job.
[[nodiscard]] LoopPlan plan_loop(const LoopState& state, SteadyPoint now);

/// The newest value weighs a fifth.
class MovingAverage {
 public:
  void add(double value);

  /// Nothing before the first value.
  [[nodiscard]] std::optional<double> value() const noexcept { return value_; }

 private:
  std::optional<double> value_{};
};

/// How many jobs to hold, from a moving average of their run times: what is done in about 50 ms, 1
/// when unknown, at most 1000, and about 4 MB of payloads, by their moving average. Grows fourfold
/// a step, so that one quick job does not make it claim a thousand slow ones.
class BatchSize {
 public:
  void ran(std::chrono::nanoseconds run_time);
  /// A job with a payload of this size was claimed.
  void took(std::size_t payload_bytes);
  /// Call once per claim.
  void step();

  [[nodiscard]] int value() const noexcept { return value_; }

  /// How many to hold by locks: what is done in half of the time that a hold may last, at most
  /// about 1.5 MB of payloads, and no more than sixteen times as many as to claim; 0 when that is
  /// unknown or less than twenty.
  [[nodiscard]] int hold() const noexcept;

  /// How many that is once it has grown.
  [[nodiscard]] int hold_target() const noexcept;

  /// They are worth holding once so many are claimed, as far as is known.
  [[nodiscard]] bool may_be_short() const noexcept;

 private:
  [[nodiscard]] double jobs_of(double bytes) const noexcept;

  MovingAverage run_ns_{};
  MovingAverage payload_bytes_{};
  int value_{1};
};

}  // namespace errand
