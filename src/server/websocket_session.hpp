#pragma once

#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "server/server_context.hpp"

namespace errand {

/// Opens the WebSocket that `head`, a checked and admitted request, asks for, and speaks the
/// protocol of docs/http_api.md on it until either side ends it. Owns itself from here on.
void serve_websocket(std::shared_ptr<ServerContext> context,
                     boost::asio::ip::tcp::socket socket,
                     std::string head);

}  // namespace errand
