#pragma once

#include <errand/config.hpp>
#include <string>

namespace errand {

/// SESSION_ENCRYPTION_KEY, or the content of a key file beside the database
/// (`errand.db-session-key`; in the working folder,
/// `.errand-session-key`, for a database server), generated with mode 0600 when it is missing.
/// Throws `Error{unavailable}` when the file cannot be read or made, and `Error{invalid}` when
/// others may read it or it is too short.
[[nodiscard]] std::string load_session_key(const Config& config);

}  // namespace errand
