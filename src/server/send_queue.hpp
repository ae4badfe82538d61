#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_set>

#include "server/socket_registry.hpp"

namespace errand {

/// What waits to be written to one WebSocket: bounded, and each stored notification at most once.
/// While held, live messages wait behind the replay of what was missed. Values only; one thread.
class SendQueue {
 public:
  explicit SendQueue(std::size_t bytes_max) : bytes_max_{bytes_max} {}

  /// False: the client is too slow, the queue is over its limit. One waiting message always fits,
  /// however long it is.
  [[nodiscard]] bool push(const SocketMessage& message) {
    if (is_repeat(message))
      return true;
    const std::size_t size = message.text->size();
    const bool fits = bytes_ == 0 || bytes_ + size <= bytes_max_;
    if (fits) {
      (held_ ? live_ : ready_).push_back({message, size});
      bytes_ += size;
    }
    return fits;
  }

  /// What the server itself has to say: not counted, and not held.
  void push_own(const SocketMessage& message) { ready_.push_back({message, 0}); }

  /// Not counted: who reads the store waits until the queue is empty.
  void push_replayed(const SocketMessage& message) {
    replayed_.insert(message.notification_id.value_or(0));
    push_own(message);
  }

  void hold() noexcept { held_ = true; }

  void release() {
    held_ = false;
    for (Entry& entry : live_) {
      if (is_repeat(entry.message))
        bytes_ -= entry.counted;
      else
        ready_.push_back(std::move(entry));
    }
    live_.clear();
  }

  /// The next text to write, or null.
  [[nodiscard]] std::shared_ptr<const std::string> pop() {
    if (ready_.empty())
      return nullptr;
    auto text = std::move(ready_.front().message.text);
    bytes_ -= ready_.front().counted;
    ready_.pop_front();
    return text;
  }

  [[nodiscard]] bool has_ready() const noexcept { return !ready_.empty(); }

 private:
  struct Entry {
    SocketMessage message{};
    std::size_t counted{0};
  };

  /// By the ids that were replayed, not by the highest: a transaction that began earlier may commit
  /// later.
  [[nodiscard]] bool is_repeat(const SocketMessage& message) const {
    return message.notification_id && replayed_.contains(*message.notification_id);
  }

  const std::size_t bytes_max_;
  std::size_t bytes_{0};
  bool held_{false};
  std::deque<Entry> ready_{};
  std::deque<Entry> live_{};
  std::unordered_set<std::int64_t> replayed_{};
};

}  // namespace errand
