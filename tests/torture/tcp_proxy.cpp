#include "tcp_proxy.hpp"

#include <array>
#include <errand/error.hpp>
#include <fmt/format.h>
#include <functional>
#include <list>
#include <regex>
#include <thread>

#include <boost/asio.hpp>

namespace errand::torture {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

struct Trouble {
  bool stalled{false};
  milliseconds delay{0};
  std::optional<std::size_t> cut_after{};
};

/// One connection and its other half at the server.
class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(tcp::socket client, const Trouble& trouble)
      : trouble_{trouble},
        to_client_{std::move(client)},
        to_server_{to_client_.get_executor()},
        left_{trouble.cut_after} {}

  void open(const tcp::endpoint& server) {
    to_server_.async_connect(server, [self = shared_from_this()](error_code failure) {
      if (failure)
        return self->reset();
      self->pump(self->up_, self->to_client_, self->to_server_);
      self->pump(self->down_, self->to_server_, self->to_client_);
    });
  }

  void cut_after(std::optional<std::size_t> bytes) { left_ = bytes; }

  /// Both ends see a reset, not an end.
  void reset() {
    for (tcp::socket* socket : {&to_client_, &to_server_}) {
      error_code ignored;
      socket->set_option(asio::socket_base::linger{true, 0}, ignored);
      socket->close(ignored);
    }
  }

 private:
  struct Direction {
    explicit Direction(const asio::any_io_executor& executor) : timer{executor} {}

    std::array<char, 16'384> bytes{};
    asio::steady_timer timer;
  };

  void pump(Direction& way, tcp::socket& from, tcp::socket& to) {
    from.async_read_some(asio::buffer(way.bytes),
                         [&, self = shared_from_this()](error_code failure, std::size_t size) {
                           if (failure)
                             return self->reset();
                           self->hold(way, self->trouble_.delay, [&, self, size] {
                             self->pass(way, from, to, size);
                           });
                         });
  }

  /// Calls back after the delay, and not while nothing passes.
  void hold(Direction& way, milliseconds delay, std::function<void()> done) {
    constexpr milliseconds look_again{10};
    if (!trouble_.stalled && delay == milliseconds{0})
      return done();
    way.timer.expires_after(trouble_.stalled ? look_again : delay);
    way.timer.async_wait(
        [&way, delay, done = std::move(done), self = shared_from_this()](error_code) mutable {
          self->hold(way, self->trouble_.stalled ? delay : milliseconds{0}, std::move(done));
        });
  }

  void pass(Direction& way, tcp::socket& from, tcp::socket& to, std::size_t size) {
    const bool counted = &way == &down_ && left_;
    const std::size_t passed = counted ? std::min(size, *left_) : size;
    asio::async_write(to,
                      asio::buffer(way.bytes, passed),
                      [&, size, passed, self = shared_from_this()](error_code failure, auto) {
                        if (failure || passed < size)
                          return self->reset();
                        self->pump(way, from, to);
                      });
    if (counted)
      *left_ -= passed;
  }

  const Trouble& trouble_;
  tcp::socket to_client_;
  tcp::socket to_server_;
  std::optional<std::size_t> left_;
  Direction up_{to_client_.get_executor()};
  Direction down_{to_client_.get_executor()};
};

}  // namespace

class TcpProxy::Impl {
 public:
  Impl(const std::string& host, unsigned short port)
      : server_{*tcp::resolver{context_}.resolve(host, std::to_string(port)).begin()},
        acceptor_{context_, {asio::ip::address_v4::loopback(), 0}} {
    accept();
    thread_ = std::thread{[this] {
      context_.run();
    }};
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    context_.stop();
    thread_.join();
  }

  [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }

  /// In the proxy's own thread.
  void change(std::function<void()> change) { asio::post(context_, std::move(change)); }

  void each(const std::function<void(Link&)>& act) {
    for (auto link = links_.begin(); link != links_.end();) {
      if (const auto living = link->lock()) {
        act(*living);
        ++link;
      } else {
        link = links_.erase(link);
      }
    }
  }

  Trouble trouble{};

 private:
  void accept() {
    acceptor_.async_accept([this](error_code failure, tcp::socket client) {
      if (!failure) {
        error_code ignored;
        client.set_option(tcp::no_delay{true}, ignored);
        const auto link = std::make_shared<Link>(std::move(client), trouble);
        each([](Link&) {});
        links_.push_back(link);
        link->open(server_);
      }
      accept();
    });
  }

  asio::io_context context_{1};
  tcp::endpoint server_;
  tcp::acceptor acceptor_;
  std::list<std::weak_ptr<Link>> links_{};
  std::thread thread_{};
};

TcpProxy::TcpProxy(const std::string& host, unsigned short port)
    : impl_{std::make_unique<Impl>(host, port)} {}

TcpProxy::~TcpProxy() = default;

unsigned short TcpProxy::port() const noexcept {
  return impl_->port();
}

void TcpProxy::stall(bool stalled) {
  impl_->change([this, stalled] { impl_->trouble.stalled = stalled; });
}

void TcpProxy::delay(milliseconds delay) {
  impl_->change([this, delay] { impl_->trouble.delay = delay; });
}

void TcpProxy::cut_after(std::optional<std::size_t> bytes) {
  impl_->change([this, bytes] {
    impl_->trouble.cut_after = bytes;
    impl_->each([&](Link& link) { link.cut_after(bytes); });
  });
}

void TcpProxy::reset_all() {
  impl_->change([this] { impl_->each([](Link& link) { link.reset(); }); });
}

PostgresAddress::PostgresAddress(const std::string& url) {
  static const std::regex shape{R"((postgres(?:ql)?://(?:[^@/]*@)?)([^:/?@]+):([0-9]+)(.*))"};
  std::smatch found;
  if (!std::regex_match(url, found, shape))
    throw Error{
        ErrorKind::invalid,
        "the network can be troubled only for a postgresql://USER@HOST:PORT/NAME, not for " + url};
  before = found[1];
  host = found[2];
  port = static_cast<unsigned short>(std::stoi(found[3]));
  after = found[4];
}

std::string PostgresAddress::with(unsigned short other_port) const {
  return fmt::format("{}127.0.0.1:{}{}", before, other_port, after);
}

std::string PostgresAddress::to_database(const std::string& name) const {
  const std::size_t options = std::min(after.find('?'), after.size());
  return fmt::format("{}{}:{}/{}{}", before, host, port, name, after.substr(options));
}

}  // namespace errand::torture
