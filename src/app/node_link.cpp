#include "app/node_link.hpp"

#include <optional>

namespace errand {
namespace {

constexpr milliseconds long_pause{std::chrono::minutes{1}};

std::optional<std::int64_t> integer_at(const Json& event, const char* name) {
  const auto found = event.find(name);
  return found != event.end() && found->is_number_integer()
             ? std::optional{found->get<std::int64_t>()}
             : std::nullopt;
}

/// Of no use to a user who looks at no page: the job's row says the same.
bool is_passing(const Json& message) {
  const auto type = message.is_object() ? message.find("type") : message.end();
  return type != message.end() && (*type == "job_progress" || *type == "job_finished");
}

}  // namespace

NodeLink::NodeLink(NodeFeed* feed, std::shared_ptr<const Clock> clock, Log log)
    : feed_{feed}, clock_{std::move(clock)}, log_{std::move(log)} {}

void NodeLink::connect(Local local) {
  {
    const std::unique_lock lock{local_mutex_};
    local_ = std::make_unique<const Local>(std::move(local));
  }
  if (feed_ != nullptr)
    feed_->start({[this](const Json& event) { hear(event); }, [this] { hear_gap(); }, log_});
}

void NodeLink::disconnect() {
  if (feed_ != nullptr)
    feed_->stop();
  const std::unique_lock lock{local_mutex_};
  local_.reset();
}

void NodeLink::publish(const Json& event) {
  if (feed_ != nullptr)
    feed_->publish(event);
}

void NodeLink::send_to_user(std::int64_t user_id, const Json& message) {
  with_local([&](const Local& local) { local.sockets.send_to_user(user_id, message); });
  if (concerns_others(user_id, message))
    publish({{"type", "send-to-user"}, {"userId", user_id}, {"message", message}});
}

bool NodeLink::concerns_others(std::int64_t user_id, const Json& message) {
  if (feed_ == nullptr)
    return false;
  return !is_passing(message) || is_elsewhere(user_id);
}

bool NodeLink::is_elsewhere(std::int64_t user_id) {
  const std::lock_guard lock{presence_mutex_};
  return presence_.is_elsewhere(user_id, clock_->steady_now());
}

void NodeLink::broadcast(const Json& message) {
  with_local([&](const Local& local) { local.sockets.broadcast(message); });
  publish({{"type", "broadcast"}, {"message", message}});
}

void NodeLink::wake() {
  with_local([](const Local& local) {
    if (local.wake)
      local.wake();
  });
  publish_wake();
}

void NodeLink::publish_wake() {
  publish({{"type", "wake"}});
}

void NodeLink::cancel(ProcessId process, JobId id) {
  with_local([&](const Local& local) {
    if (local.cancel)
      local.cancel(process, id);
  });
  publish({{"type", "cancel-job"}, {"process", process}, {"id", id}});
}

void NodeLink::job_finished() {
  with_local([](const Local& local) {
    if (local.job_finished)
      local.job_finished();
  });
  if (is_elsewhere(ipc::Audience::who_waits))
    publish({{"type", "job-finished"}});
}

std::shared_ptr<void> NodeLink::begin_wait() {
  std::shared_ptr<ipc::Audience> audience;
  with_local([&](const Local& local) { audience = local.audience; });
  if (!audience)
    return {};
  audience->came(ipc::Audience::who_waits);
  waits_.fetch_add(1);
  tell_that_somebody_waits();
  return {audience.get(), [this, audience](void*) {
            waits_.fetch_sub(1);
            audience->left(ipc::Audience::who_waits);
          }};
}

void NodeLink::user_connected(std::int64_t user_id) {
  publish({{"type", "users"}, {"ids", Json::array({user_id})}});
}

/// Those who wait come and go: one word is good for a while.
void NodeLink::tell_that_somebody_waits() {
  const SteadyPoint now = clock_->steady_now();
  {
    const std::lock_guard lock{presence_mutex_};
    if (now < waits_known_until_)
      return;
    waits_known_until_ = now + presence_lifetime / 2;
  }
  user_connected(ipc::Audience::who_waits);
}

milliseconds NodeLink::step(SteadyPoint now) {
  if (feed_ == nullptr)
    return long_pause;
  if (now >= next_users_) {
    publish_users();
    next_users_ = now + presence_period;
  }
  return std::chrono::ceil<milliseconds>(next_users_ - now);
}

void NodeLink::publish_users() {
  std::vector<std::int64_t> users;
  with_local([&](const Local& local) {
    if (local.users)
      users = local.users();
  });
  if (waits_ > 0)
    users.push_back(ipc::Audience::who_waits);
  if (!users.empty())
    publish({{"type", "users"}, {"ids", users}});
}

void NodeLink::hear(const Json& event) {
  const auto type = event.find("type");
  if (type == event.end() || !type->is_string())
    return;
  if (*type == "users")
    note_users(event);
  else
    obey(type->get<std::string>(), event);
}

void NodeLink::obey(const std::string& type, const Json& event) {
  const auto message = event.find("message");
  const bool has_message = message != event.end();
  with_local([&](const Local& local) {
    if (type == "wake" && local.wake) {
      local.wake();
    } else if (type == "job-finished" && local.job_finished) {
      local.job_finished();
    } else if (type == "cancel-job" && local.cancel) {
      const auto process = integer_at(event, "process");
      const auto id = integer_at(event, "id");
      if (process && id)
        local.cancel(*process, *id);
    } else if (type == "send-to-user" && has_message) {
      if (const auto user = integer_at(event, "userId"))
        local.sockets.send_to_user(*user, *message);
    } else if (type == "broadcast" && has_message) {
      local.sockets.broadcast(*message);
    }
  });
}

void NodeLink::note_users(const Json& event) {
  const auto ids = event.find("ids");
  if (ids == event.end() || !ids->is_array())
    return;
  std::vector<std::int64_t> users;
  for (const Json& id : *ids)
    if (id.is_number_integer())
      users.push_back(id.get<std::int64_t>());
  const SteadyPoint now = clock_->steady_now();
  with_local([&](const Local& local) {
    for (const std::int64_t user : users)
      if (local.audience)
        local.audience->is_elsewhere(user, now + presence_lifetime);
  });
  const std::lock_guard lock{presence_mutex_};
  presence_.note(users, now);
}

/// Whatever was missed: the rows say it too, and other nodes may have missed who is here.
void NodeLink::hear_gap() {
  with_local([](const Local& local) {
    if (local.wake)
      local.wake();
    if (local.job_finished)
      local.job_finished();
  });
  publish_users();
}

}  // namespace errand
