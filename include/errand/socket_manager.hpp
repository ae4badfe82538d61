#pragma once

#include <cstdint>
#include <errand/job.hpp>

namespace errand {

/// Messages to users' browsers. In the server they go to the open WebSocket connections of this
/// process; in a worker they go to the server over IPC, which routes them. Delivery is best effort
/// and never blocks: what must not be missed is a notification (`ServerApp::create_notification`),
/// which is stored and replayed. Safe from any thread.
class SocketManager {
 public:
  SocketManager(const SocketManager&) = delete;
  SocketManager& operator=(const SocketManager&) = delete;
  virtual ~SocketManager() = default;

  virtual void send_to_user(std::int64_t user_id, const Json& message) = 0;
  virtual void broadcast(const Json& message) = 0;

 protected:
  SocketManager() = default;
};

}  // namespace errand
