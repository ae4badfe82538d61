#include "server/websocket_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server/rate_limit.hpp"
#include "server/response.hpp"
#include "server/send_queue.hpp"
#include "server/user_token.hpp"
#include "server/websocket_messages.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t message_bytes_max = 64 * 1024;  // counted here, so that the client is told
constexpr std::size_t declared_bytes_max = 16 * 1024 * 1024;  // longer frames are cut off untold
constexpr std::size_t read_bytes = 4096;                      // what an idle connection holds
constexpr int reads_per_message_max = 1024;
constexpr int messages_per_second_max = 20;
constexpr int pings_per_second_max = 10;
constexpr int replay_page = 100;
constexpr std::chrono::seconds closing_time{5};
constexpr auto expired = static_cast<websocket::close_code>(4001);

/// What a read brought: a message, or the reason why there is none.
struct ReadResult {
  std::optional<std::string> message{};
  bool too_large{false};
};

/// Event loop only, except `deliver`.
class WebSocketSession final : public Connection,
                               public SocketReceiver,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(std::shared_ptr<ServerContext> context, asio::ip::tcp::socket socket)
      : context_{std::move(context)},
        stream_{std::move(socket)},
        queue_{context_->options.send_queue_bytes_max},
        tick_{context_->loop},
        drained_{context_->loop, SteadyTime::time_point::max()} {
    context_->connections.insert(this);
    context_->websockets_open += 1;
  }

  WebSocketSession(const WebSocketSession&) = delete;
  WebSocketSession& operator=(const WebSocketSession&) = delete;

  ~WebSocketSession() override {
    context_->websockets_open -= 1;
    context_->connections.erase(this);
  }

  void deliver(const SocketMessage& message) override {
    asio::post(context_->loop, [self = shared_from_this(), message] { self->enqueue(message); });
  }

  void shut_down() override {
    if (is_open_)
      begin_close(websocket::close_code::going_away);
    else
      close_socket();
  }

  void abort() override { close_socket(); }

  asio::awaitable<void> run(std::string head) {
    const auto self = shared_from_this();
    if (co_await open(std::move(head))) {
      greet();
      asio::co_spawn(
          context_->loop, [self] { return self->watch(); }, asio::detached);
      co_await read_messages();
    }
    close_socket();
  }

 private:
  asio::awaitable<bool> open(std::string head) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(2 * head_bytes_max);
    beast::error_code error;
    parser.put(asio::buffer(head), error);
    if (error || !parser.is_header_done())
      co_return false;
    const auto decorate = [](websocket::response_type& response) {
      for (const auto& [name, value] : security_headers())
        response.set(name, value);
    };
    stream_.set_option(websocket::stream_base::decorator{decorate});
    stream_.read_message_max(declared_bytes_max);
    stream_.auto_fragment(false);
    stream_.text(true);
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      heard_ = SteadyTime::now();
      if (kind == websocket::frame_type::ping && pings_.exceeded())
        // Not from inside the read that calls this.
        asio::post(context_->loop, [self = shared_from_this()] {
          self->begin_close(websocket::close_code::policy_error);
        });
    });
    beast::get_lowest_layer(stream_).expires_after(context_->options.times.head);
    const auto request = parser.release();
    const auto [failure] = co_await stream_.async_accept(request, use_tuple);
    beast::get_lowest_layer(stream_).expires_never();
    co_return !failure;
  }

  void greet() {
    is_open_ = true;
    opened_ = heard_ = SteadyTime::now();
    if (context_->stopping)
      begin_close(websocket::close_code::going_away);
    else if (context_->websockets_open > context_->options.connections_total_max)
      fail("CONNECTION_LIMIT_TOTAL_EXCEEDED",
           "the server has as many connections as it may; try again later",
           websocket::close_code::try_again_later);
    else
      enqueue(make_socket_message(connected_message()));
  }

  asio::awaitable<void> read_messages() {
    for (;;) {
      ReadResult read = co_await read_message();
      if (read.too_large)
        fail("MESSAGE_TOO_LARGE",
             "a message may have at most 65536 bytes",
             websocket::close_code::too_big);
      if (!read.message)
        co_return co_await wait_for_close(read.too_large);
      heard_ = SteadyTime::now();
      if (closing_)
        continue;
      if (messages_.exceeded())
        begin_close(websocket::close_code::policy_error);
      else if (user_id_ == 0)
        take_registration(*read.message);
    }
  }

  asio::awaitable<ReadResult> read_message() {
    beast::flat_buffer buffer;
    for (int reads = 0; reads < reads_per_message_max; ++reads) {
      const std::size_t room = std::min(read_bytes, message_bytes_max + 1 - buffer.size());
      const auto [error, size] = co_await stream_.async_read_some(buffer.prepare(room), use_tuple);
      if (error)
        co_return ReadResult{};
      buffer.commit(size);
      heard_ = SteadyTime::now();
      if (buffer.size() > message_bytes_max)
        break;
      if (stream_.is_message_done()) {
        ReadResult result;
        result.message.emplace(static_cast<const char*>(buffer.data().data()), buffer.size());
        co_return result;
      }
    }
    ReadResult result;
    result.too_large = true;
    co_return result;
  }

  /// After a message that was cut off only the closing handshake reads; it wakes `drained_`.
  asio::awaitable<void> wait_for_close(bool cut_off) {
    while (cut_off && !closed_) {
      beast::error_code ignored;
      co_await drained_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void take_registration(const std::string& text) {
    const auto request = parse_register(text);
    const auto identity =
        request ? context_->authenticator.identify_user(request->token, context_->clock->wall_now())
                : std::nullopt;
    if (!identity) {
      fail("INVALID_TOKEN",
           "register needs a jwtToken that is valid; get a new one and connect again",
           websocket::close_code::policy_error);
      return;
    }
    if (request->last_notification_id)
      queue_.hold();
    if (!context_->sockets.add(
            identity->user_id, shared_from_this(), context_->options.connections_per_user_max)) {
      queue_.release();
      fail("CONNECTION_LIMIT_PER_USER_EXCEEDED",
           "this user has as many connections as allowed; close one and connect again",
           websocket::close_code::policy_error);
      return;
    }
    user_id_ = identity->user_id;
    if (context_->user_came && context_->sockets.count(user_id_) == 1)
      context_->user_came(user_id_);
    expires_ = identity->expires + token_leeway;
    tick_.cancel();
    begin_session(request->last_notification_id);
  }

  void begin_session(std::optional<std::int64_t> last_notification_id) {
    queue_.push_own(make_socket_message(registered_message(user_id_)));
    write_next();
    if (!last_notification_id)
      return;
    asio::co_spawn(
        context_->loop,
        [self = shared_from_this(), after = *last_notification_id] { return self->replay(after); },
        asio::detached);
  }

  /// The session is in the registry already, so what is stored from now on arrives live, behind
  /// this.
  asio::awaitable<void> replay(std::int64_t after) {
    for (;;) {
      std::function<std::optional<std::vector<Notification>>()> work =
          [context = context_.get(), user = user_id_, after] {
            return missed(*context, user, after);
          };
      auto answer = co_await call_on_pool<std::optional<std::vector<Notification>>>(
          context_->loop, context_->pool, std::move(work), context_->options.times.request);
      if (closing_)
        co_return;
      if (!answer.value || !*answer.value) {
        begin_close(websocket::close_code::try_again_later);
        co_return;
      }
      for (const Notification& notification : **answer.value) {
        after = std::max(after, notification.id);
        queue_.push_replayed(make_socket_message(notification_message(notification)));
      }
      write_next();
      co_await until_drained();
      if (closing_ || std::cmp_less((*answer.value)->size(), replay_page))
        break;
    }
    queue_.release();
    write_next();
  }

  /// Nothing when the database is away: the client connects again and asks again.
  static std::optional<std::vector<Notification>> missed(const ServerContext& context,
                                                         std::int64_t user,
                                                         std::int64_t after) {
    try {
      return context.missed_notifications(user, after, replay_page);
    } catch (const std::exception& failure) {
      context.log.warn("cannot replay notifications", {{"error", failure.what()}});
      return std::nullopt;
    }
  }

  asio::awaitable<void> until_drained() {
    while (!closing_ && queue_.has_ready()) {
      beast::error_code ignored;
      co_await drained_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void enqueue(const SocketMessage& message) {
    if (closing_)
      return;
    if (queue_.push(message)) {
      write_next();
      return;
    }
    context_->log.info("a slow WebSocket client is dropped", {{"userId", user_id_}});
    closing_ = true;
    close_socket();
  }

  void write_next() {
    if (writing_ || closed_)
      return;
    auto text = queue_.pop();
    if (text) {
      writing_ = true;
      asio::co_spawn(
          context_->loop,
          [self = shared_from_this(), text] { return self->write(text); },
          asio::detached);
    } else if (closing_ && !close_sent_) {
      close_sent_ = true;
      asio::co_spawn(
          context_->loop,
          [self = shared_from_this()] { return self->send_close(); },
          asio::detached);
    }
    if (!queue_.has_ready())
      drained_.cancel();
  }

  asio::awaitable<void> write(std::shared_ptr<const std::string> text) {
    for (; text; text = queue_.pop()) {
      const auto [error, size] = co_await stream_.async_write(asio::buffer(*text), use_tuple);
      if (error || size != text->size()) {
        close_socket();
        break;
      }
    }
    writing_ = false;
    write_next();
  }

  /// Tells the client why, then closes.
  void fail(std::string_view code, std::string_view message, websocket::close_code close) {
    if (closing_)
      return;
    queue_.push_own(make_socket_message(error_message(code, message)));
    begin_close(close);
  }

  void begin_close(websocket::close_code code) {
    if (closing_)
      return;
    closing_ = true;
    close_code_ = code;
    forget_user();
    tick_.cancel();
    drained_.cancel();
    write_next();
  }

  asio::awaitable<void> send_close() {
    co_await stream_.async_close(websocket::close_reason{close_code_}, use_tuple);
    close_socket();
  }

  void close_socket() {
    closing_ = true;
    closed_ = true;
    forget_user();
    beast::get_lowest_layer(stream_).close();
    tick_.cancel();
    drained_.cancel();
  }

  void forget_user() {
    if (user_id_ != 0 && context_->sockets.remove(user_id_, this) && context_->user_left)
      context_->user_left(user_id_);
  }

  /// Deadlines: registration, silence, the token's end, the closing handshake.
  asio::awaitable<void> watch() {
    const auto self = shared_from_this();
    while (!closing_) {
      tick_.expires_after(next_tick());
      beast::error_code cancelled;
      co_await tick_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      if (!closing_ && !cancelled)
        check_deadlines();
    }
    tick_.expires_after(closing_time);
    beast::error_code cancelled;
    if (!closed_)
      co_await tick_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (!closed_)
      close_socket();
  }

  milliseconds next_tick() const {
    if (user_id_ == 0)
      return std::chrono::ceil<milliseconds>(opened_ + context_->options.times.registration -
                                             SteadyTime::now());
    return context_->options.times.ping;
  }

  void check_deadlines() {
    if (user_id_ == 0)
      fail("REGISTER_TIMEOUT",
           "register did not come in time; connect again",
           websocket::close_code::policy_error);
    else if (context_->clock->wall_now() >= expires_)
      fail("INVALID_TOKEN", "the token has expired; get a new one and connect again", expired);
    else if (SteadyTime::now() - heard_ >= context_->options.times.silence)
      close_socket();
    else if (!pinging_)
      asio::co_spawn(
          context_->loop,
          [self = shared_from_this()] { return self->send_ping(); },
          asio::detached);
  }

  /// Waits behind what is being written, so not in `watch`.
  asio::awaitable<void> send_ping() {
    pinging_ = true;
    co_await stream_.async_ping({}, use_tuple);
    pinging_ = false;
  }

  std::shared_ptr<ServerContext> context_;
  websocket::stream<beast::tcp_stream, false> stream_;  // false: no compression compiled in
  SendQueue queue_;
  asio::steady_timer tick_;
  asio::steady_timer drained_;  ///< cancelled whenever the queue is empty
  std::int64_t user_id_{0};     ///< 0 = not registered
  TimePoint expires_{};
  SteadyTime::time_point opened_{};
  SteadyTime::time_point heard_{};
  RateLimit messages_{messages_per_second_max};
  RateLimit pings_{pings_per_second_max};
  websocket::close_code close_code_{websocket::close_code::normal};
  bool is_open_{false};
  bool writing_{false};
  bool pinging_{false};
  bool closing_{false};  ///< nothing more is taken in
  bool close_sent_{false};
  bool closed_{false};  ///< the socket is
};

}  // namespace

void serve_websocket(std::shared_ptr<ServerContext> context,
                     asio::ip::tcp::socket socket,
                     std::string head) {
  auto& loop = context->loop;
  const auto session = std::make_shared<WebSocketSession>(std::move(context), std::move(socket));
  asio::co_spawn(
      loop,
      [session, head = std::move(head)]() mutable { return session->run(std::move(head)); },
      asio::detached);
}

}  // namespace errand
