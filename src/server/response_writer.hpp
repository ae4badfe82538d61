#pragma once

#include <string>

#include "server/request.hpp"

namespace errand {

/// The answer as it goes over the wire. `head_only` keeps the length and leaves out the body.
/// Header values with control characters are left out: nothing can split an answer in two.
[[nodiscard]] std::string response_bytes(const Response& response, bool head_only, bool keep_alive);

}  // namespace errand
