#pragma once

#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace demo {

/// Listens on 127.0.0.1; port 0 = any. Throws `Error{unavailable}` that names `what` and the port.
[[nodiscard]] boost::asio::ip::tcp::acceptor listen_on_loopback(boost::asio::io_context& context,
                                                                int port,
                                                                const std::string& what);

}  // namespace demo
