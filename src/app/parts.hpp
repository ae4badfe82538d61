#pragma once

#include <atomic>
#include <errand/server_app.hpp>
#include <memory>
#include <mutex>

#include "store/job_desk.hpp"
#include "store/open_store.hpp"

namespace errand {

class ServerRole;

/// Everything an application is made of, in the order in which it is built. What is not needed is
/// not opened.
class AppParts {
 public:
  AppParts(Config given, JobRegistry jobs, std::shared_ptr<const Clock> time, Log to);
  AppParts(const AppParts&) = delete;
  AppParts& operator=(const AppParts&) = delete;
  ~AppParts();

  /// The store, with its schema in place: migrated on first use, except in a worker, whose manager
  /// did that.
  [[nodiscard]] Store& store();

  /// Where messages to users go: the web server, IPC, or nowhere.
  [[nodiscard]] SocketManager& sockets();

  void route_messages_to(SocketManager& sockets) { sockets_ = &sockets; }

  void route_messages_nowhere() { sockets_ = nowhere_.get(); }

  /// `wake`: jobs may be due. `cancel`: a running job was asked to stop.
  void route_jobs_to(std::function<void()> wake, std::function<void(ProcessId, JobId)> cancel);

  [[nodiscard]] JobDesk& desk();
  [[nodiscard]] ServerRole& server();

  [[nodiscard]] bool has_server() const noexcept { return server_ != nullptr; }

  [[nodiscard]] const std::string& session_key();

  const Config config;
  const std::shared_ptr<const Clock> clock;
  const Log log;
  JobRegistry registry;

 private:
  std::mutex mutex_{};
  std::unique_ptr<Store> store_;
  bool migrated_{false};
  std::unique_ptr<SocketManager> nowhere_;
  std::atomic<SocketManager*> sockets_;
  std::function<void()> wake_{};
  std::function<void(ProcessId, JobId)> cancel_{};
  std::unique_ptr<JobDesk> desk_{};
  std::string session_key_{};
  std::unique_ptr<ServerRole> server_{};
};

}  // namespace errand
