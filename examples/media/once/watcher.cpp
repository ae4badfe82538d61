#include "once/watcher.hpp"

#include <algorithm>
#include <condition_variable>
#include <errand/error.hpp>
#include <mutex>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using beast::error_code;
using errand::Json;

constexpr std::chrono::seconds patience{10};

bool is_registered(const std::vector<Json>& events) {
  return std::any_of(events.begin(), events.end(), [](const Json& event) {
    return event.is_object() && event.value("type", "") == "registered";
  });
}

}  // namespace

class Watcher::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& context, std::string hello)
      : socket_{context}, hello_{std::move(hello)} {}

  void open(int port) {
    const asio::ip::tcp::endpoint endpoint{asio::ip::address_v4::loopback(),
                                           static_cast<unsigned short>(port)};
    host_ = "127.0.0.1:" + std::to_string(port);
    beast::get_lowest_layer(socket_).expires_after(patience);
    beast::get_lowest_layer(socket_).async_connect(endpoint,
                                                   [self = shared_from_this()](error_code failed) {
                                                     if (!self->ended(failed))
                                                       self->shake_hands();
                                                   });
  }

  void close() {
    asio::post(socket_.get_executor(),
               [self = shared_from_this()] { beast::get_lowest_layer(self->socket_).close(); });
  }

  bool wait_until(const Condition& wanted, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock{mutex_};
    arrived_.wait_until(lock, deadline, [&] { return ended_ || wanted(events_); });
    return wanted(events_);
  }

  std::vector<Json> events() {
    const std::lock_guard lock{mutex_};
    return events_;
  }

 private:
  void shake_hands() {
    beast::get_lowest_layer(socket_).expires_never();
    socket_.async_handshake(host_, "/ws", [self = shared_from_this()](error_code failed) {
      if (!self->ended(failed))
        self->register_user();
    });
  }

  void register_user() {
    socket_.async_write(asio::buffer(hello_),
                        [self = shared_from_this()](error_code failed, std::size_t /*size*/) {
                          if (!self->ended(failed))
                            self->read();
                        });
  }

  void read() {
    socket_.async_read(buffer_,
                       [self = shared_from_this()](error_code failed, std::size_t /*size*/) {
                         if (!self->ended(failed))
                           self->take();
                       });
  }

  void take() {
    const std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    {
      const std::lock_guard lock{mutex_};
      events_.push_back(Json::parse(text, nullptr, false));
    }
    arrived_.notify_all();
    read();
  }

  bool ended(error_code failed) {
    if (!failed)
      return false;
    {
      const std::lock_guard lock{mutex_};
      ended_ = true;
    }
    arrived_.notify_all();
    return true;
  }

  websocket::stream<beast::tcp_stream> socket_;
  std::string hello_;
  std::string host_{};
  beast::flat_buffer buffer_{};
  std::mutex mutex_{};
  std::condition_variable arrived_{};
  std::vector<Json> events_{};
  bool ended_{false};
};

Watcher::Watcher(asio::io_context& context,
                 int port,
                 std::int64_t user_id,
                 const std::string& token)
    : user_id_{user_id},
      connection_{std::make_shared<Connection>(
          context, Json{{"type", "register"}, {"jwtToken", token}}.dump())} {
  connection_->open(port);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  if (!wait_until(is_registered, deadline)) {
    connection_->close();
    throw errand::Error{errand::ErrorKind::unavailable,
                        "user " + std::to_string(user_id) + " could not register on /ws"};
  }
}

Watcher::~Watcher() {
  connection_->close();
}

std::vector<Json> Watcher::events() const {
  return connection_->events();
}

bool Watcher::wait_until(const Condition& wanted,
                         std::chrono::steady_clock::time_point deadline) const {
  return connection_->wait_until(wanted, deadline);
}

}  // namespace demo
