#pragma once

#include <errand/socket_manager.hpp>
#include <memory>

#include "ipc/channel.hpp"

namespace errand {

/// The SocketManager of a worker: messages go over IPC to the server, which has the sockets. Before
/// `connect` they are dropped. A handler that says more than the server reads waits for it.
class WorkerSockets final : public SocketManager {
 public:
  WorkerSockets() = default;

  /// Before any handler runs.
  void connect(std::shared_ptr<ipc::Channel> channel) { channel_ = std::move(channel); }

  /// After the last handler: the channel must not outlive the process's event loop.
  void disconnect() { channel_.reset(); }

  void send_to_user(std::int64_t user_id, const Json& message) override {
    if (has_room())
      channel_->send(ipc::SendToUser{user_id, message});
  }

  void broadcast(const Json& message) override {
    if (has_room())
      channel_->send(ipc::Broadcast{message});
  }

  /// Jobs were submitted here: the manager wakes whoever is idle.
  void wake() {
    if (channel_)
      channel_->send(ipc::Wake{});
  }

 private:
  [[nodiscard]] bool has_room() {
    while (channel_ && !channel_->wait_for_room(longest_wait))
      continue;
    return channel_ != nullptr;
  }

  static constexpr milliseconds longest_wait{100};

  std::shared_ptr<ipc::Channel> channel_{};
};

}  // namespace errand
