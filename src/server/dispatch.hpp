#pragma once

#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include "server/request.hpp"
#include "server/router.hpp"
#include "server/server_context.hpp"

namespace errand {

/// Calls the route's handler where it belongs and returns its answer, or the one that says why
/// there is none: an exception, no room, no time. `gone` says that nobody waits for the answer any
/// more. Never throws.
boost::asio::awaitable<Response> dispatch(std::shared_ptr<ServerContext> context,
                                          const Route& route,
                                          std::shared_ptr<const Request> request,
                                          std::function<bool()> gone);

}  // namespace errand
