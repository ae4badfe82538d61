#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

namespace demo {

/// Passes bytes between a browser and errand's own port, both ways, until one side ends: what a
/// reverse proxy in front of both would do. `first` is sent to errand before anything else.
void open_tunnel(boost::asio::ip::tcp::socket browser, int port, std::string first);

}  // namespace demo
