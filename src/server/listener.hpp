#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/server_context.hpp"

namespace errand {

/// Bound and listening. Throws `Error{unavailable}` with the reason and what to do.
[[nodiscard]] boost::asio::ip::tcp::acceptor open_listener(boost::asio::io_context& loop,
                                                           const std::string& host,
                                                           int port);

/// Accepts until the acceptor is closed. Out of descriptors or memory it pauses for a second; the
/// connections that are there go on.
boost::asio::awaitable<void> accept_connections(
    std::shared_ptr<ServerContext> context,
    std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor);

}  // namespace errand
