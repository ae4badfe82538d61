#pragma once

#include <chrono>
#include <errand/clock.hpp>
#include <memory>
#include <mutex>
#include <vector>

#include "store/head_floors.hpp"

namespace errand::sql {

/// The heads that one process has read and not spent. To read them takes a seek of each queue and
/// priority, and each seek passes over what is dead there and cannot be cleared away, beside a
/// transaction that stays open. Where that takes long, claims go on with what was read for twenty
/// times as long as it took. A claim that has spent all of them reads anew: nobody sleeps because
/// of what he remembers. Safe from any thread.
class HeadMemory {
 public:
  static constexpr int times_as_long = 20;

  explicit HeadMemory(std::shared_ptr<const Clock> clock) : clock_{std::move(clock)} {}

  [[nodiscard]] SteadyPoint now() const { return clock_->steady_now(); }

  /// What is remembered, which then is nothing; empty = to be read.
  [[nodiscard]] std::vector<WaitingHead> take();

  /// How what is not remembered is to be read now.
  [[nodiscard]] HeadReading reading() const { return floors_.reading(now()); }

  /// These were read so just now, in the time since they were asked for; `seen_at` is the store's
  /// time then.
  void note_read(std::span<const WaitingHead> heads, const HeadReading& reading, TimePoint seen_at);

  /// What a claim has left of them; the order stays.
  void keep(std::vector<WaitingHead> heads);

 private:
  std::shared_ptr<const Clock> clock_;
  HeadFloors floors_{};
  std::mutex mutex_{};
  std::vector<WaitingHead> heads_{};
  SteadyPoint good_until_{};
};

}  // namespace errand::sql
