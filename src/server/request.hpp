#pragma once

#include <cstdint>
#include <errand/clock.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace errand {

/// Who asks, as far as the token says.
struct Identity {
  enum class Kind { nobody, user, admin };

  Kind kind{Kind::nobody};
  std::int64_t user_id{0};  ///< of a user
  TimePoint expires{};      ///< of a user's token
};

/// A request that may be answered: checked, authorised, body read.
struct Request {
  std::string method{};
  std::string path{};                          ///< decoded
  std::map<std::string, std::string> query{};  ///< decoded
  std::vector<std::string> parameters{};       ///< what stands for `{…}` in the route's pattern
  std::string idempotency_key{};
  std::string body{};
  Identity identity{};
};

struct Response {
  int status{200};
  std::string content_type{"application/json"};
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

}  // namespace errand
