#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/authentication.hpp"
#include "server/request.hpp"
#include "server/request_check.hpp"
#include "server/router.hpp"
#include "server/target.hpp"

namespace errand {

inline constexpr std::string_view api_prefix = "/api/";
inline constexpr std::string_view websocket_path = "/ws";

/// What decides whether a request may go on, besides the request.
struct AdmissionRules {
  const Router& router;
  const Authenticator& authenticator;
  std::string host{};    ///< as configured
  bool loopback{false};  ///< bound to loopback: a foreign Host is a rebound name (DNS rebinding)
};

struct Admission {
  std::optional<Refusal> refusal{};
  std::string allow{};  ///< of a 405
  const Route* route{nullptr};
  bool websocket{false};  ///< the request asks for /ws and may have it
  Request request{};      ///< all but the body
};

/// Everything that is decided before a byte of the body is read. Pure.
[[nodiscard]] Admission admit(const RequestHead& head, const AdmissionRules& rules, TimePoint now);

/// `Host` names this machine's loopback or the configured host, with any port.
[[nodiscard]] bool host_allowed(std::string_view host_field, std::string_view configured);

/// `Origin` is the page's own: http or https, and the very host and port of `Host`.
[[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view host_field);

}  // namespace errand
