#pragma once

#include <errand/error.hpp>
#include <errand/log.hpp>
#include <span>
#include <string_view>
#include <utility>

#include "server/request.hpp"
#include "server/request_check.hpp"

namespace errand {

[[nodiscard]] Response json_response(const Json& body, int status = 200);

/// `{"error":{"code","message","field"?}}`; 503 carries Retry-After, 401 WWW-Authenticate.
[[nodiscard]] Response error_response(const Refusal& refusal);

/// The one place where kinds become statuses. A `bug` says nothing but `id`, under which it is
/// logged.
[[nodiscard]] Response error_response(const Error& error, std::string_view id);

/// For an exception that nobody expected.
[[nodiscard]] Response internal_error_response(std::string_view id);

/// What every answer carries, whatever it is.
[[nodiscard]] std::span<const std::pair<std::string_view, std::string_view>> security_headers();

}  // namespace errand
