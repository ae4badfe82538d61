#pragma once

#include <atomic>
#include <errand/server_app.hpp>
#include <memory>
#include <mutex>

#include "app/node_link.hpp"
#include "store/job_desk.hpp"
#include "store/open_store.hpp"

namespace errand {

class ServerRole;

/// Everything an application is made of, in the order in which it is built. What is not needed is
/// not opened.
class AppParts {
 public:
  AppParts(Config config, JobRegistry jobs, std::shared_ptr<const Clock> clock, Log log);
  AppParts(const AppParts&) = delete;
  AppParts& operator=(const AppParts&) = delete;
  ~AppParts();

  /// The store, with its schema in place: migrated on first use, except in a worker, whose manager
  /// did that.
  [[nodiscard]] Store& store();

  /// Before it is known whether the database is there.
  [[nodiscard]] Store& store_as_it_is() noexcept { return *store_; }

  /// Where messages to users go: from a worker to its manager, from any other process to its own
  /// sockets, if it has some, and to those of the other nodes.
  [[nodiscard]] SocketManager& sockets();

  void route_messages_to(SocketManager& sockets) { sockets_ = &sockets; }

  void route_messages_back() { sockets_ = link_.get(); }

  /// A worker's: jobs may be due.
  void route_wakes_to(std::function<void()> wake);

  /// To the other nodes, and from them to this one's parts.
  [[nodiscard]] NodeLink& link() noexcept { return *link_; }

  /// May be asked before the database is there.
  [[nodiscard]] JobDesk& desk();
  [[nodiscard]] ServerRole& server();

  [[nodiscard]] bool has_server() const noexcept { return server_ != nullptr; }

  [[nodiscard]] const std::string& session_key();

  const Config config;
  const std::shared_ptr<const Clock> clock;
  const Log log;
  JobRegistry registry;

 private:
  std::unique_ptr<Store> store_;
  std::mutex migration_mutex_{};  ///< guards `migrated_`
  bool migrated_{false};
  std::mutex mutex_{};  ///< guards what follows
  std::unique_ptr<NodeLink> link_;
  std::atomic<SocketManager*> sockets_;
  std::function<void()> wake_{};
  std::unique_ptr<JobDesk> desk_{};
  std::string session_key_{};
  std::unique_ptr<ServerRole> server_{};
};

}  // namespace errand
