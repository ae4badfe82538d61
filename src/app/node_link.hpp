#pragma once

#include <atomic>
#include <errand/log.hpp>
#include <errand/socket_manager.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "app/presence.hpp"
#include "ipc/audience.hpp"
#include "store/job_store.hpp"
#include "store/node_feed.hpp"

namespace errand {

/// What the nodes of one database tell each other, and what each of them makes of it. A message of
/// this process goes to its own sockets and to the other nodes; what they send goes to its own
/// sockets only. Where there is no feed, a node is alone. Safe from any thread.
class NodeLink final : public SocketManager {
 public:
  /// The parts of this process that are told. They must not block, nor call the link.
  struct Local {
    SocketManager& sockets;
    std::function<void()> wake{};
    std::function<void(ProcessId process, JobId id)> cancel{};
    std::function<void()> job_finished{};
    std::function<std::vector<std::int64_t>()> users{};  ///< who has a socket here
    std::shared_ptr<ipc::Audience> audience{};           ///< what its workers know of users
  };

  /// `feed` may be null, and outlives it.
  NodeLink(NodeFeed* feed, std::shared_ptr<const Clock> clock, Log log);

  ~NodeLink() { disconnect(); }

  /// Listens to the other nodes until `disconnect`, after which nothing of `local` is called.
  void connect(Local local);
  void disconnect();

  void send_to_user(std::int64_t user_id, const Json& message) override;
  void broadcast(const Json& message) override;

  /// Jobs may be due, here and elsewhere.
  void wake();
  /// Elsewhere only: here it is known.
  void publish_wake();
  /// This running job was asked to stop: its worker is told, wherever it is.
  void cancel(ProcessId process, JobId id);
  /// Some job has finished: those who wait look now, here and elsewhere.
  void job_finished();

  /// As long as what it returns is held, somebody here waits for the ends of jobs. Null where
  /// nothing would be heard of them.
  [[nodiscard]] std::shared_ptr<void> begin_wait();

  /// A user's first socket here.
  void user_connected(std::int64_t user_id);

  /// Says again who is connected here, when it is time, and returns how long it is not.
  [[nodiscard]] milliseconds step(SteadyPoint now);

 private:
  void hear(const Json& event);
  void hear_gap();
  void obey(const std::string& type, const Json& event);
  void note_users(const Json& event);
  void publish(const Json& event);
  void publish_users();
  void tell_that_somebody_waits();
  [[nodiscard]] bool concerns_others(std::int64_t user_id, const Json& message);
  [[nodiscard]] bool is_elsewhere(std::int64_t user_id);

  template <typename Call>
  void with_local(const Call& call) {
    const std::shared_lock lock{local_mutex_};
    if (local_)
      call(*local_);
  }

  NodeFeed* feed_;
  std::shared_ptr<const Clock> clock_;
  Log log_;
  std::shared_mutex local_mutex_{};  ///< held by those who call into `local_`
  std::unique_ptr<const Local> local_{};
  std::mutex presence_mutex_{};
  Presence presence_{};
  SteadyPoint next_users_{};
  std::atomic<int> waits_{0};
  SteadyPoint waits_known_until_{};  ///< guarded by `presence_mutex_`
};

}  // namespace errand
