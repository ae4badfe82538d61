#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "server/server_context.hpp"

namespace errand {

/// Answers the requests of one connection, one after another, until either side ends it or it
/// becomes a WebSocket. Owns itself from here on.
void serve_connection(std::shared_ptr<ServerContext> context, boost::asio::ip::tcp::socket socket);

}  // namespace errand
