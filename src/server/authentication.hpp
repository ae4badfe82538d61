#pragma once

#include <array>
#include <errand/clock.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/request.hpp"

namespace errand {

inline constexpr std::size_t token_bytes_max = 4096;

/// Says who a token stands for. Safe from any thread.
class Authenticator {
 public:
  /// An empty admin token or key makes nobody an operator or a user.
  Authenticator(std::string_view admin_token, std::string session_encryption_key);

  /// The operator's token or a user's; `nobody` for everything else. Takes the same time for every
  /// wrong operator's token.
  [[nodiscard]] Identity identify(std::string_view token, TimePoint now) const;

  /// A user's token only: what the WebSocket takes.
  [[nodiscard]] std::optional<Identity> identify_user(std::string_view token, TimePoint now) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest_of(std::string_view text);

  bool has_admin_{false};
  Digest admin_digest_{};
  std::string key_{};
};

/// The token of `Authorization: Bearer TOKEN`, or empty.
[[nodiscard]] std::string_view bearer_token(std::string_view authorization);

}  // namespace errand
