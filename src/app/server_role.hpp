#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "app/parts.hpp"
#include "manager/maintenance.hpp"
#include "manager/rescuer.hpp"
#include "manager/supervisor.hpp"
#include "server/web_server.hpp"

namespace errand {

/// Of a server without web: its users are at other nodes.
class NoSockets final : public SocketManager {
 public:
  NoSockets() = default;

  void send_to_user(std::int64_t /*user_id*/, const Json& /*message*/) override {}

  void broadcast(const Json& /*message*/) override {}
};

/// The server process: one event loop for children and sockets, a small pool of threads for the
/// database, and the glue between manager and server, which do not know each other.
class ServerRole {
 public:
  /// Opens nothing; `parts` outlives it.
  explicit ServerRole(AppParts& parts);
  ServerRole(const ServerRole&) = delete;
  ServerRole& operator=(const ServerRole&) = delete;
  ~ServerRole();

  /// See ServerApp.
  void start();
  void shutdown();

  /// A second signal: running jobs get no more grace.
  void hurry();

  [[nodiscard]] int port() const noexcept;

 private:
  enum class Phase { idle, running, stopping, stopped };

  void open_doors();
  void wait_for_database();
  void start_web();
  void create_supervisor();
  void wait_for_workers();
  void schedule_maintenance();
  void announce() const;
  void stop_workers();
  void close_everything() noexcept;

  void on_ready();
  void on_death(const ChildDeath& death);
  void tell_rescued(const RescuedJob& rescued, const ChildDeath& death);
  void on_message(const ipc::Message& message);
  void tell_finished(const std::vector<Json>& jobs);
  void cancel_running(ProcessId process, JobId id);
  void connect_link();
  [[nodiscard]] milliseconds keep_house();
  [[nodiscard]] Json worker_status();
  [[nodiscard]] std::string not_ready();

  AppParts& parts_;
  Log log_;
  std::string node_;
  std::string admin_token_;
  std::unique_ptr<ServerLock> server_lock_{};
  boost::asio::io_context context_{1};
  using Work = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
  std::unique_ptr<Work> work_{};
  std::unique_ptr<boost::asio::thread_pool> database_threads_{};
  std::unique_ptr<Maintenance> maintenance_{};
  std::unique_ptr<Rescuer> rescuer_{};
  std::shared_ptr<ipc::Audience> audience_{};
  std::unique_ptr<WebServer> web_{};
  NoSockets no_sockets_{};
  std::unique_ptr<Supervisor> supervisor_{};
  std::thread loop_{};
  std::thread maintenance_thread_{};

  mutable std::mutex mutex_{};
  std::condition_variable changed_{};
  Phase phase_{Phase::idle};
  int ready_workers_{0};
  std::string start_failure_{};
  bool workers_gone_{false};
  bool hurried_{false};
};

}  // namespace errand
