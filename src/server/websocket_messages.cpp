#include "server/websocket_messages.hpp"

#include <errand/error.hpp>

#include "jobs/job_json.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

std::optional<Json> parse_object(std::string_view text) {
  try {
    Json message = parse_payload(text, "message");
    if (message.is_object())
      return message;
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

Json message_of(std::string_view type, const Json& data) {
  return {{"type", type}, {"data", data}};
}

}  // namespace

std::optional<Register> parse_register(std::string_view text) {
  const auto message = parse_object(text);
  if (!message || !has_text(*message, "type", "register"))
    return std::nullopt;
  const auto token = message->find("jwtToken");
  if (token == message->end() || !token->is_string())
    return std::nullopt;
  Register result{token->get<std::string>(), std::nullopt};
  const auto last = message->find("lastNotificationId");
  if (last == message->end() || last->is_null())
    return result;
  if (!last->is_number_integer() || last->get<std::int64_t>() < 0)
    return std::nullopt;
  result.last_notification_id = last->get<std::int64_t>();
  return result;
}

Json connected_message() {
  return message_of("connected", {{"message", "connected; send register with a token"}});
}

Json registered_message(std::int64_t user_id) {
  return message_of("registered", {{"userId", user_id}, {"message", "registered"}});
}

Json notification_message(const Notification& notification) {
  return message_of("notification_received", to_json(notification));
}

Json error_message(std::string_view code, std::string_view message) {
  return message_of("error", {{"code", code}, {"message", message}});
}

}  // namespace errand
