#include "server/tunnel.hpp"

#include <array>
#include <memory>

#include <boost/asio/write.hpp>

namespace demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class Tunnel : public std::enable_shared_from_this<Tunnel> {
 public:
  Tunnel(tcp::socket browser, std::string first)
      : browser_{std::move(browser)}, errand_{browser_.get_executor()}, first_{std::move(first)} {}

  void open(int port) {
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(),
                                 static_cast<unsigned short>(port)};
    errand_.async_connect(endpoint, [self = shared_from_this()](error_code failed) {
      if (failed)
        self->close();
      else
        self->send_first();
    });
  }

 private:
  struct Direction {
    tcp::socket& from;
    tcp::socket& to;
    std::array<char, 16384> block{};
  };

  void send_first() {
    asio::async_write(errand_,
                      asio::buffer(first_),
                      [self = shared_from_this()](error_code failed, std::size_t /*size*/) {
                        if (failed)
                          return self->close();
                        self->read(self->up_);
                        self->read(self->down_);
                      });
  }

  void read(Direction& direction) {
    direction.from.async_read_some(
        asio::buffer(direction.block),
        [self = shared_from_this(), &direction](error_code failed, std::size_t size) {
          if (failed)
            self->close();
          else
            self->write(direction, size);
        });
  }

  void write(Direction& direction, std::size_t size) {
    asio::async_write(
        direction.to,
        asio::buffer(direction.block.data(), size),
        [self = shared_from_this(), &direction](error_code failed, std::size_t /*size*/) {
          if (failed)
            self->close();
          else
            self->read(direction);
        });
  }

  void close() {
    error_code ignored;
    browser_.close(ignored);
    errand_.close(ignored);
  }

  tcp::socket browser_;
  tcp::socket errand_;
  std::string first_;
  Direction up_{browser_, errand_};
  Direction down_{errand_, browser_};
};

}  // namespace

void open_tunnel(tcp::socket browser, int port, std::string first) {
  std::make_shared<Tunnel>(std::move(browser), std::move(first))->open(port);
}

}  // namespace demo
