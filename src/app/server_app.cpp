#include <unistd.h>

#include <csignal>
#include <errand/server_app.hpp>

#include "app/built_in_jobs.hpp"
#include "app/parts.hpp"
#include "app/server_role.hpp"
#include "app/session_key.hpp"
#include "app/signals.hpp"
#include "base/log_sinks.hpp"
#include "base/system_clock.hpp"
#include "jobs/job_json.hpp"
#include "server/web_server.hpp"
#include "worker/worker_process.hpp"

namespace errand {
namespace {

bool is_worker_config(const Config& config) {
  return config.ipc_fd.has_value();
}

Log make_log(const Config& config, std::shared_ptr<const Clock> clock) {
  const bool worker = is_worker_config(config);
  const LogFormat format = config.log_json ? LogFormat::json : LogFormat::text;
  const std::string category =
      worker ? "worker-" + std::to_string(config.worker_id.value_or(0)) : "server";
  return Log{make_log_sink(STDERR_FILENO, format, std::move(clock)),
             worker ? config.worker_log_level : config.log_level,
             category};
}

StoreOptions store_options(const Config& config, std::shared_ptr<const Clock> clock) {
  const Durability durability = is_worker_config(config) ? Durability::relaxed : Durability::full;
  return {config.database_url,
          durability,
          {config.remove_delay_succeeded, config.remove_delay_failed},
          sqlite_path(config.database_url) ? std::move(clock) : nullptr};
}

}  // namespace

AppParts::AppParts(Config given, JobRegistry jobs, std::shared_ptr<const Clock> time, Log to)
    : config{std::move(given)},
      clock{std::move(time)},
      log{std::move(to)},
      registry{std::move(jobs)},
      store_{open_store(store_options(config, clock))},
      link_{std::make_unique<NodeLink>(store_->feed(), clock, log.child("nodes"))},
      sockets_{link_.get()} {
  add_built_in_jobs(registry, [this]() -> JobStore& { return store().jobs(); });
}

AppParts::~AppParts() = default;

Store& AppParts::store() {
  const std::lock_guard lock{migration_mutex_};
  if (!migrated_ && !is_worker_config(config)) {
    const auto told = [this](const std::string& why) {
      log.warn("waiting for the database", {{"why", why}});
    };
    for (const std::string& name : store_->migrate(told))
      log.info("applied a migration", {{"name", name}});
  }
  migrated_ = true;
  return *store_;
}

SocketManager& AppParts::sockets() {
  return *sockets_;
}

void AppParts::route_wakes_to(std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  wake_ = std::move(wake);
}

JobDesk& AppParts::desk() {
  const std::lock_guard lock{mutex_};
  if (!desk_) {
    const auto wake = [this] {
      std::unique_lock routed{mutex_};
      const auto call = wake_;
      routed.unlock();
      if (call)
        call();
      else
        link_->wake();
    };
    const auto cancel = [this](ProcessId process, JobId id) {
      link_->cancel(process, id);
    };
    const auto wait = [this] {
      return link_->begin_wait();
    };
    desk_ =
        std::make_unique<JobDesk>(store_->jobs(), store_->reader(), registry, wake, cancel, wait);
  }
  return *desk_;
}

ServerRole& AppParts::server() {
  const std::lock_guard lock{mutex_};
  if (!server_)
    server_ = std::make_unique<ServerRole>(*this);
  return *server_;
}

const std::string& AppParts::session_key() {
  const std::lock_guard lock{mutex_};
  if (session_key_.empty())
    session_key_ = load_session_key(config);
  return session_key_;
}

ServerApp::ServerApp(Config config, JobRegistry jobs) {
  auto clock = std::make_shared<SystemClock>();
  Log log = make_log(config, clock);
  parts_ = std::make_unique<AppParts>(
      std::move(config), std::move(jobs), std::move(clock), std::move(log));
}

ServerApp::ServerApp(std::unique_ptr<AppParts> parts) : parts_{std::move(parts)} {}

ServerApp::~ServerApp() {
  shutdown();
}

bool ServerApp::is_worker() const noexcept {
  return is_worker_config(parts_->config);
}

int ServerApp::run() {
  if (is_worker()) {
    WorkerSockets sockets;
    parts_->route_messages_to(sockets);
    parts_->route_wakes_to([&sockets] { sockets.wake(); });
    const char* node =
        std::getenv("ERRAND_NODE");  // NOLINT(concurrency-mt-unsafe): before any thread is started
    const int code = run_worker_process({*this,
                                         parts_->config,
                                         parts_->registry,
                                         parts_->store(),
                                         sockets,
                                         parts_->clock,
                                         parts_->log,
                                         node == nullptr ? "" : node});
    parts_->route_messages_back();
    parts_->route_wakes_to({});
    return code;
  }
  StopSignals signals;
  start();
  signals.wait();
  parts_->log.info("stopping; a second signal stops at once");
  signals.on_next([this] { parts_->server().hurry(); });
  shutdown();
  return 0;
}

void ServerApp::start() {
  parts_->server().start();
}

void ServerApp::shutdown() {
  if (parts_->has_server())
    parts_->server().shutdown();
}

const Config& ServerApp::config() const noexcept {
  return parts_->config;
}

const JobRegistry& ServerApp::registry() const noexcept {
  return parts_->registry;
}

const Log& ServerApp::log() const noexcept {
  return parts_->log;
}

Database& ServerApp::database() {
  return parts_->store().database();
}

WorkerManager& ServerApp::worker_manager() {
  static_cast<void>(parts_->store());
  return parts_->desk();
}

SocketManager& ServerApp::socket_manager() {
  return parts_->sockets();
}

int ServerApp::port() const noexcept {
  return parts_->has_server() ? parts_->server().port() : 0;
}

std::int64_t ServerApp::create_notification(std::int64_t user_id, const Json& data) {
  const Notification notification = parts_->store().notifications().create(user_id, data);
  parts_->sockets().send_to_user(
      user_id, {{"type", "notification_received"}, {"data", to_json(notification)}});
  return notification.id;
}

std::string ServerApp::create_user_token(std::int64_t user_id, milliseconds lifetime) {
  return errand::create_user_token(
      parts_->session_key(), user_id, parts_->clock->wall_now(), lifetime);
}

}  // namespace errand
