#pragma once

#include <deque>
#include <set>

#include "store/postgresql/feed_payload.hpp"

namespace errand::sql {

inline constexpr std::chrono::milliseconds feed_sending_gap{50};
inline constexpr std::size_t feed_payloads_per_sending = 32;
inline constexpr std::size_t feed_outbox_bytes_max = 4 << 20;

/// What is to be told to other nodes, and when: the first event at once, those that come meanwhile
/// together, at most twenty times a second. Equal events that say nothing new twice (wake,
/// job-finished) are one. For one thread, or under its owner's lock.
class FeedOutbox {
 public:
  explicit FeedOutbox(std::string from) : from_{std::move(from)} {}

  /// False: it is over 1 MiB, and dropped. The oldest ones are dropped beyond 4 MiB.
  bool push(const nlohmann::json& event);

  /// When there is something to send; nothing while there is not.
  [[nodiscard]] std::optional<SteadyPoint> due() const;

  /// Payloads that travel together; empty before `due`. What is taken is not kept.
  [[nodiscard]] std::vector<std::string> take(SteadyPoint now);

  [[nodiscard]] bool empty() const noexcept { return events_.empty() && packed_.empty(); }

  /// How many were dropped because there were too many or too large ones.
  [[nodiscard]] std::int64_t dropped() const noexcept { return dropped_; }

 private:
  std::string from_;
  std::deque<std::string> events_{};
  std::set<std::string> waiting_hints_{};
  std::deque<std::string> packed_{};
  std::size_t bytes_{0};
  std::uint64_t next_number_{1};
  SteadyPoint next_sending_{SteadyPoint::min()};
  std::int64_t dropped_{0};
};

}  // namespace errand::sql
