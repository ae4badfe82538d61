#pragma once

#include <cstdint>
#include <errand/log.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// One message on its way to browsers, serialised once.
struct SocketMessage {
  std::shared_ptr<const std::string> text{};
  std::optional<std::int64_t> notification_id{};  ///< of a stored notification
};

[[nodiscard]] SocketMessage make_socket_message(const Json& message);

/// Where a user's messages go. `deliver` may be called from any thread and does not block.
class SocketReceiver {
 public:
  virtual ~SocketReceiver() = default;
  virtual void deliver(const SocketMessage& message) = 0;
};

/// The open WebSockets by user. Any thread.
class SocketRegistry {
 public:
  /// False when the user has `per_user_max` already.
  bool add(std::int64_t user_id, const std::shared_ptr<SocketReceiver>& receiver, int per_user_max);
  /// Whether it was the user's last.
  bool remove(std::int64_t user_id, const SocketReceiver* receiver);

  void send_to_user(std::int64_t user_id, const Json& message) const;
  void broadcast(const Json& message) const;

  /// Lets go of every session.
  void clear();

  [[nodiscard]] int count(std::int64_t user_id) const;
  [[nodiscard]] std::vector<std::int64_t> users() const;

 private:
  using Receivers = std::vector<std::shared_ptr<SocketReceiver>>;

  static void send(const Receivers& receivers, const Json& message);

  mutable std::mutex mutex_;
  std::map<std::int64_t, Receivers> users_{};
};

}  // namespace errand
