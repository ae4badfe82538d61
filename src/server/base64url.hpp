#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// RFC 4648 section 5, without padding.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

/// Nothing for padding, foreign characters, an impossible length or stray bits at the end: every
/// byte string has exactly one spelling.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace errand
