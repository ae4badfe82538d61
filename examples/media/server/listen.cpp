#include "server/listen.hpp"

#include <errand/error.hpp>

namespace demo {

boost::asio::ip::tcp::acceptor listen_on_loopback(boost::asio::io_context& context,
                                                  int port,
                                                  const std::string& what) {
  using boost::asio::ip::tcp;
  try {
    const tcp::endpoint endpoint{boost::asio::ip::address_v4::loopback(),
                                 static_cast<unsigned short>(port)};
    return tcp::acceptor{context, endpoint};
  } catch (const boost::system::system_error& failure) {
    throw errand::Error{errand::ErrorKind::unavailable,
                        "cannot listen for " + what + " on 127.0.0.1:" + std::to_string(port) +
                            ": " + failure.code().message() + "; choose another port"};
  }
}

}  // namespace demo
