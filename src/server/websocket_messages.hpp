#pragma once

#include <cstdint>
#include <errand/job.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// What a client says to become a user's session.
struct Register {
  std::string token{};
  std::optional<std::int64_t> last_notification_id{};
};

/// Nothing for anything but a well-formed `register`.
[[nodiscard]] std::optional<Register> parse_register(std::string_view text);

[[nodiscard]] Json connected_message();
[[nodiscard]] Json registered_message(std::int64_t user_id);
[[nodiscard]] Json notification_message(const Notification& notification);
[[nodiscard]] Json error_message(std::string_view code, std::string_view message);

}  // namespace errand
