#pragma once

#include <chrono>
#include <errand/clock.hpp>
#include <errand/job.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace errand::sql {

/// What waits: the first row of one queue and priority, in an unpaused queue.
struct WaitingHead {
  std::string queue{};
  int priority{0};
  TimePoint due{};
  JobId id{0};
  bool spent{false};  ///< a claim has taken all that it could
};

/// The heads that one process has read and not spent. To read them takes a seek of each queue and
/// priority, and each seek passes over what is dead there and cannot be cleared away, beside a
/// transaction that stays open. Where that takes long, claims go on with what was read for twenty
/// times as long as it took. A claim that has spent all of them reads anew: nobody sleeps because
/// of what he remembers. Safe from any thread.
class HeadMemory {
 public:
  /// So few, read in less, are read each time.
  static constexpr std::size_t few = 64;
  static constexpr std::chrono::milliseconds soon{2};
  static constexpr int times_as_long = 20;

  explicit HeadMemory(std::shared_ptr<const Clock> clock) : clock_{std::move(clock)} {}

  [[nodiscard]] SteadyPoint now() const { return clock_->steady_now(); }

  /// What is remembered, which then is nothing; empty = to be read.
  [[nodiscard]] std::vector<WaitingHead> take();

  /// So many were read just now, in the time since they were `asked` for.
  void note_read(std::size_t heads, SteadyPoint asked);

  /// What a claim has left of them; the order stays.
  void keep(std::vector<WaitingHead> heads);

 private:
  std::shared_ptr<const Clock> clock_;
  std::mutex mutex_{};
  std::vector<WaitingHead> heads_{};
  SteadyPoint good_until_{};
};

}  // namespace errand::sql
