#pragma once

#include <errand/clock.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// What a user's token says. `create_user_token` in web_server.hpp makes them.
struct UserClaims {
  std::int64_t user_id{0};
  TimePoint expires{};
};

/// Clocks of those who make tokens may differ from ours by this much.
inline constexpr std::chrono::seconds token_leeway{30};

inline constexpr std::size_t session_key_chars_min = 32;

/// A JWT in compact form, signed with HMAC-SHA256 and nothing else: the algorithm is ours to
/// choose, the header only has to agree. Nothing for a wrong signature, a key that is too short,
/// `exp` missing or past, `nbf` or `iat` in the future, a header that points elsewhere for its key
/// (`kid`, `jku`, `x5u`, `jwk`) or asks for extensions (`crit`), duplicate claims, or more than
/// 4 KiB.
[[nodiscard]] std::optional<UserClaims> check_user_token(std::string_view token,
                                                         std::string_view key,
                                                         TimePoint now);

}  // namespace errand
