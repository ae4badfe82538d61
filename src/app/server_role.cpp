#include "app/server_role.hpp"

#include <future>

#include <boost/asio/post.hpp>

#include "app/child_environment.hpp"
#include "base/host.hpp"
#include "jobs/job_json.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;

constexpr int database_thread_count = 2;
constexpr std::chrono::seconds workers_ready_limit{30};
constexpr std::chrono::seconds status_limit{1};
constexpr std::chrono::seconds database_limit{60};
constexpr std::chrono::seconds database_pause{1};

SupervisorOptions supervisor_options(const Config& config,
                                     const std::string& node,
                                     const ipc::Audience& audience) {
  SupervisorOptions options;
  options.audience_fd = audience.fd();
  options.worker_count = config.worker_count;
  options.arguments = own_arguments();
  options.environment = child_environment(config);
  options.environment.emplace_back("ERRAND_NODE", node);
  return options;
}

}  // namespace

ServerRole::ServerRole(AppParts& parts) : parts_{parts}, log_{parts.log}, node_{random_hex128()} {}

ServerRole::~ServerRole() {
  shutdown();
}

int ServerRole::port() const noexcept {
  return web_ ? web_->port() : 0;
}

void ServerRole::start() {
  {
    const std::lock_guard lock{mutex_};
    if (phase_ != Phase::idle)
      throw Error{ErrorKind::conflict, "cannot start the server: it was started before"};
    phase_ = Phase::running;
  }
  try {
    open_doors();
    start_web();
    wait_for_database();
    create_supervisor();
    connect_link();
    asio::post(context_, [this] { supervisor_->start(); });
    wait_for_workers();
  } catch (...) {
    close_everything();
    throw;
  }
  schedule_maintenance();
  announce();
}

void ServerRole::open_doors() {
  if (const auto path = sqlite_path(parts_.config.database_url))
    server_lock_ = lock_server_file(*path);
  audience_ = ipc::Audience::create();
  JobStore& jobs = parts_.store_as_it_is().jobs();
  database_threads_ = std::make_unique<asio::thread_pool>(database_thread_count);
  MaintenanceOptions options;
  options.sole_node = server_lock_ != nullptr;
  options.queues = parts_.config.worker_queues;
  options.poll_interval = parts_.config.poll_interval;
  options.on_look = [this](const NodeLook& look) {
    supervisor_->node_looked(look.due_in());
  };
  options.on_released = [this] {
    parts_.link().wake();
  };
  maintenance_ = std::make_unique<Maintenance>(jobs, parts_.registry, log_, options);
  rescuer_ = std::make_unique<Rescuer>(
      jobs,
      parts_.registry,
      log_,
      node_,
      [this](const RescuedJob& rescued, const ChildDeath& death) { tell_rescued(rescued, death); });
  work_ = std::make_unique<Work>(context_.get_executor());
  loop_ = std::thread{[this] {
    context_.run();
  }};
}

/// A database that is only being started is waited for: programs and their databases are often
/// started together.
void ServerRole::wait_for_database() {
  const SteadyPoint give_up = parts_.clock->steady_now() + database_limit;
  bool told = false;
  while (true) {
    try {
      static_cast<void>(parts_.store());
      maintenance_->take_over();
      maintenance_->ensure_crons();
      if (told)
        log_.info("the database is there");
      return;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable || parts_.clock->steady_now() >= give_up ||
          server_lock_)
        throw;
      if (!std::exchange(told, true))
        log_.warn("cannot start yet: the database is away; trying for 60 s",
                  {{"why", error.what()}});
    }
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, database_pause, [this] { return hurried_; }))
      throw Error{ErrorKind::unavailable, "told to stop while the database was away"};
  }
}

void ServerRole::start_web() {
  const Config& config = parts_.config;
  if (!config.web_enabled)
    return;
  admin_token_ =
      config.admin_token.empty() ? random_hex128() + random_hex128() : config.admin_token;
  WebServerOptions options;
  options.host = config.host;
  options.port = config.port;
  options.admin_token = admin_token_;
  options.session_encryption_key = parts_.session_key();
  options.connections_per_user_max = config.socket_max_connections_per_user;
  options.connections_total_max = config.socket_max_total_connections;
  Store& store = parts_.store_as_it_is();
  web_ =
      WebServer::create(context_,
                        parts_.clock,
                        log_.child("web"),
                        options,
                        {parts_.desk(),
                         store.reader(),
                         store.notifications(),
                         parts_.registry,
                         [this] { return worker_status(); },
                         [this] { return not_ready(); },
                         [this](std::span<const NewJob> jobs, std::span<const std::string> keys) {
                           return parts_.desk().submit_with_keys(jobs, keys);
                         },
                         [this](std::int64_t user) {
                           audience_->came(user);
                           parts_.link().user_connected(user);
                         },
                         [this](std::int64_t user) {
                           audience_->left(user);
                         }});
  web_->start();
}

void ServerRole::create_supervisor() {
  SupervisorCallbacks callbacks;
  callbacks.on_message = [this](int, std::int64_t, const ipc::Message& message) {
    on_message(message);
  };
  callbacks.on_death = [this](const ChildDeath& death) {
    on_death(death);
  };
  callbacks.on_ready = [this](int, std::int64_t, int) {
    on_ready();
  };
  supervisor_ = Supervisor::create(context_,
                                   parts_.clock,
                                   log_.child("manager"),
                                   supervisor_options(parts_.config, node_, *audience_),
                                   std::move(callbacks));
}

void ServerRole::connect_link() {
  NodeLink::Local local{web_ ? static_cast<SocketManager&>(*web_) : no_sockets_};
  local.audience = audience_;
  local.wake = [this] {
    supervisor_->wake();
  };
  local.cancel = [this](ProcessId process, JobId id) {
    cancel_running(process, id);
  };
  local.job_finished = [this] {
    parts_.desk().job_finished();
  };
  if (web_)
    local.users = [this] {
      return web_->connected_users();
    };
  parts_.link().connect(std::move(local));
}

void ServerRole::wait_for_workers() {
  std::unique_lock lock{mutex_};
  const bool ready = changed_.wait_for(lock, workers_ready_limit, [this] {
    return ready_workers_ >= parts_.config.worker_count || !start_failure_.empty();
  });
  if (!start_failure_.empty())
    throw Error{ErrorKind::unavailable, start_failure_};
  if (!ready) {
    throw Error{ErrorKind::unavailable,
                "only " + std::to_string(ready_workers_) + " of " +
                    std::to_string(parts_.config.worker_count) +
                    " workers became ready in 30 s; their lines in the log say why"};
  }
}

void ServerRole::schedule_maintenance() {
  maintenance_thread_ = std::thread{[this] {
    std::unique_lock lock{mutex_};
    while (phase_ == Phase::running) {
      lock.unlock();
      const milliseconds pause = keep_house();
      lock.lock();
      changed_.wait_for(lock, pause, [this] { return phase_ != Phase::running; });
    }
  }};
}

/// Deaths come first: what they tell of blame, the rest would forget.
milliseconds ServerRole::keep_house() {
  const milliseconds deaths = rescuer_->retry();
  const SteadyPoint now = parts_.clock->steady_now();
  return std::min({deaths, parts_.link().step(now), maintenance_->step(now)});
}

void ServerRole::announce() const {
  if (!web_) {
    log_.info("ready", {{"workers", parts_.config.worker_count}});
    return;
  }
  const std::string address =
      "http://" + parts_.config.host + ":" + std::to_string(web_->port()) + "/";
  // A token that the operator chose is known to the operator; a generated one is told here and
  // nowhere else.
  const bool generated = parts_.config.admin_token.empty();
  log_.info("ready",
            {{"workers", parts_.config.worker_count},
             {"dashboard", generated ? address + "#token=" + admin_token_ : address}});
}

void ServerRole::on_ready() {
  const std::lock_guard lock{mutex_};
  ++ready_workers_;
  changed_.notify_all();
}

void ServerRole::on_death(const ChildDeath& death) {
  asio::post(*database_threads_, [this, death] {
    rescuer_->rescue(death);
    parts_.link().wake();
  });
}

void ServerRole::tell_rescued(const RescuedJob& rescued, const ChildDeath& death) {
  if (!rescued.recorded)
    return;
  const Job& job = rescued.job;
  if (rescued.end != RunEnd::released) {
    log_.warn("a job ended its worker",
              {{"id", job.id},
               {"type", job.type},
               {"state", to_text(job.state)},
               {"why", death.sentence}});
  }
  tell_finished(job.user_id != 0 && job.finished ? std::vector<Json>{to_json(job)}
                                                 : std::vector<Json>{});
}

void ServerRole::tell_finished(const std::vector<Json>& jobs) {
  parts_.link().job_finished();
  for (const Json& job : jobs) {
    parts_.sockets().send_to_user(job.value("userId", std::int64_t{0}),
                                  {{"type", "job_finished"}, {"data", job}});
  }
}

void ServerRole::on_message(const ipc::Message& message) {
  SocketManager& sockets = parts_.sockets();
  if (const auto* to_user = std::get_if<ipc::SendToUser>(&message)) {
    sockets.send_to_user(to_user->user_id, to_user->message);
  } else if (const auto* to_all = std::get_if<ipc::Broadcast>(&message)) {
    sockets.broadcast(to_all->message);
  } else if (const auto* progress = std::get_if<ipc::JobProgress>(&message)) {
    sockets.send_to_user(progress->user_id,
                         {{"type", "job_progress"},
                          {"data",
                           {{"id", progress->id},
                            {"done", progress->progress.done},
                            {"note", progress->progress.note}}}});
  } else if (const auto* finished = std::get_if<ipc::JobFinished>(&message)) {
    tell_finished(finished->jobs);
  } else if (std::holds_alternative<ipc::Wake>(message)) {
    parts_.link().publish_wake();
  }
}

void ServerRole::cancel_running(ProcessId process, JobId id) {
  asio::post(context_, [this, process, id] { supervisor_->cancel_job(process, id); });
}

Json ServerRole::worker_status() {
  auto answer = std::make_shared<std::promise<Json>>();
  std::future<Json> slots = answer->get_future();
  asio::post(context_, [this, answer] {
    Json all = Json::array();
    for (const SlotStatus& slot : supervisor_->status()) {
      all.push_back({{"slot", slot.slot},
                     {"state", slot.state},
                     {"pid", slot.pid},
                     {"process", slot.process},
                     {"restarts", slot.restarts}});
    }
    answer->set_value(std::move(all));
  });
  if (slots.wait_for(status_limit) != std::future_status::ready)
    return Json::array();
  return slots.get();
}

std::string ServerRole::not_ready() {
  try {
    parts_.store_as_it_is().reader().ping();
  } catch (const Error& error) {
    return error.what();
  }
  const std::lock_guard lock{mutex_};
  if (phase_ != Phase::running)
    return "the server is stopping";
  return ready_workers_ < parts_.config.worker_count ? "the workers are starting" : "";
}

void ServerRole::hurry() {
  {
    const std::lock_guard lock{mutex_};
    hurried_ = true;
  }
  changed_.notify_all();
  asio::post(context_, [this] {
    if (supervisor_)
      supervisor_->shutdown(milliseconds{0}, [] {});
  });
}

void ServerRole::shutdown() {
  {
    const std::lock_guard lock{mutex_};
    if (phase_ != Phase::running)
      return;
    phase_ = Phase::stopping;
  }
  changed_.notify_all();
  close_everything();
  log_.info("stopped");
}

void ServerRole::stop_workers() {
  const auto gone = [this] {
    const std::lock_guard lock{mutex_};
    workers_gone_ = true;
    changed_.notify_all();
  };
  asio::post(context_, [this, gone] { supervisor_->shutdown(parts_.config.shutdown_grace, gone); });
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return workers_gone_; });
}

// NOLINTNEXTLINE(bugprone-exception-escape): without memory to stop, nothing can go on
void ServerRole::close_everything() noexcept {
  if (supervisor_ && loop_.joinable())
    stop_workers();
  if (maintenance_thread_.joinable())
    maintenance_thread_.join();
  if (database_threads_)
    database_threads_->join();  // the last deaths put their jobs back
  if (web_)
    web_->stop();
  parts_.link().disconnect();
  work_.reset();
  context_.stop();
  if (loop_.joinable())
    loop_.join();
  supervisor_.reset();
  web_.reset();
  server_lock_.reset();
  const std::lock_guard lock{mutex_};
  phase_ = Phase::stopped;
}

}  // namespace errand
