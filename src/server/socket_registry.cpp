#include "server/socket_registry.hpp"

#include <algorithm>

#include "jobs/payload.hpp"

namespace errand {
namespace {

std::optional<std::int64_t> notification_id(const Json& message) {
  if (!message.is_object() || !has_text(message, "type", "notification_received"))
    return std::nullopt;
  const auto data = message.find("data");
  if (data == message.end() || !data->is_object())
    return std::nullopt;
  const auto id = data->find("id");
  if (id == data->end() || !id->is_number_integer())
    return std::nullopt;
  return id->get<std::int64_t>();
}

}  // namespace

SocketMessage make_socket_message(const Json& message) {
  return {std::make_shared<const std::string>(
              message.dump(-1, ' ', false, Json::error_handler_t::replace)),
          notification_id(message)};
}

bool SocketRegistry::add(std::int64_t user_id,
                         const std::shared_ptr<SocketReceiver>& receiver,
                         int per_user_max) {
  const std::lock_guard lock{mutex_};
  Receivers& receivers = users_[user_id];
  const bool room = std::cmp_less(receivers.size(), per_user_max);
  if (room)
    receivers.push_back(receiver);
  else if (receivers.empty())
    users_.erase(user_id);
  return room;
}

bool SocketRegistry::remove(std::int64_t user_id, const SocketReceiver* receiver) {
  const std::lock_guard lock{mutex_};
  const auto user = users_.find(user_id);
  if (user == users_.end())
    return false;
  std::erase_if(user->second, [receiver](const auto& one) { return one.get() == receiver; });
  if (!user->second.empty())
    return false;
  users_.erase(user);
  return true;
}

void SocketRegistry::send(const Receivers& receivers, const Json& message) {
  if (receivers.empty())
    return;
  const SocketMessage serialised = make_socket_message(message);
  for (const auto& receiver : receivers)
    receiver->deliver(serialised);
}

void SocketRegistry::send_to_user(std::int64_t user_id, const Json& message) const {
  Receivers receivers;
  {
    const std::lock_guard lock{mutex_};
    const auto user = users_.find(user_id);
    if (user != users_.end())
      receivers = user->second;
  }
  send(receivers, message);
}

void SocketRegistry::broadcast(const Json& message) const {
  Receivers receivers;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [user, ones] : users_)
      receivers.insert(receivers.end(), ones.begin(), ones.end());
  }
  send(receivers, message);
}

void SocketRegistry::clear() {
  std::map<std::int64_t, Receivers> released;
  const std::lock_guard lock{mutex_};
  released.swap(users_);
}

int SocketRegistry::count(std::int64_t user_id) const {
  const std::lock_guard lock{mutex_};
  const auto user = users_.find(user_id);
  return user == users_.end() ? 0 : static_cast<int>(user->second.size());
}

std::vector<std::int64_t> SocketRegistry::users() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::int64_t> ids;
  ids.reserve(users_.size());
  for (const auto& [user, receivers] : users_)
    ids.push_back(user);
  return ids;
}

}  // namespace errand
