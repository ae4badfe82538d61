#include "server/http_session.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "server/dispatch.hpp"
#include "server/request_body.hpp"
#include "server/request_check.hpp"
#include "server/response.hpp"
#include "server/response_writer.hpp"
#include "server/websocket_session.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 8 * 1024;
constexpr std::size_t linger_bytes_max = 1024 * 1024;
constexpr std::chrono::seconds linger_time{2};
constexpr std::chrono::seconds write_time{30};

enum class Next { another, linger, close, handed_over };

class HttpSession final : public Connection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<ServerContext> context, asio::ip::tcp::socket socket)
      : context_{std::move(context)}, stream_{std::move(socket)} {
    context_->connections.insert(this);
  }

  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  ~HttpSession() override { context_->connections.erase(this); }

  void shut_down() override {
    if (idle_)
      abort();
  }

  void abort() override { stream_.close(); }

  asio::awaitable<void> run() {
    const auto self = shared_from_this();
    Next next = Next::another;
    while (next == Next::another)
      next = co_await serve_one();
    if (next == Next::linger)
      co_await linger();
    if (next != Next::handed_over)
      stream_.close();
  }

 private:
  asio::awaitable<Next> serve_one() {
    HeadScan scan = co_await read_head();
    if (scan.refusal)
      co_return co_await refuse(*scan.refusal);
    if (scan.length == 0)
      co_return Next::close;
    HeadCheck check = check_head(buffered().substr(0, scan.length));
    if (check.refusal)
      co_return co_await refuse(*check.refusal);
    const AdmissionRules rules{
        context_->router, context_->authenticator, context_->options.host, context_->loopback};
    Admission admission = admit(check.head, rules, context_->clock->wall_now());
    if (admission.refusal)
      co_return co_await answer_refusal(check.head, admission);
    if (admission.websocket)
      co_return co_await hand_over(scan.length);
    co_return co_await answer(check.head, std::move(admission));
  }

  std::string_view buffered() const {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }

  /// Length 0 without refusal: the client left, or said nothing for too long.
  asio::awaitable<HeadScan> read_head() {
    std::size_t seen = 0;
    bool timing = false;
    idle_ = buffer_.size() == 0;
    stream_.expires_after(served_ == 0 ? context_->options.times.head
                                       : context_->options.times.keep_alive);
    for (;;) {
      HeadScan scan = scan_head(buffered(), seen);
      if (scan.length != 0 || scan.refusal)
        co_return scan;
      seen = buffer_.size();
      if (seen != 0 && !timing) {
        timing = true;
        stream_.expires_after(context_->options.times.head);
      }
      const auto [error, size] =
          co_await stream_.async_read_some(buffer_.prepare(read_bytes), use_tuple);
      if (error || context_->stopping)
        co_return HeadScan{};
      buffer_.commit(size);
      idle_ = false;
    }
  }

  asio::awaitable<Next> answer(const RequestHead& head, Admission admission) {
    BodyResult body = co_await read_body(*context_, stream_, buffer_, *admission.route, head);
    if (body.gone)
      co_return Next::close;
    if (body.refusal)
      co_return co_await refuse(*body.refusal);
    admission.request.body = std::move(body.text);
    const auto request = std::make_shared<const Request>(std::move(admission.request));
    std::function<bool()> gone = [this] {
      return client_left();
    };
    const Response response =
        co_await dispatch(context_, *admission.route, request, std::move(gone));
    const bool keep = !context_->stopping && !head.http_1_0 && !head.lists("connection", "close");
    co_return co_await write(response, head.method == "HEAD", keep);
  }

  asio::awaitable<Next> answer_refusal(const RequestHead& head, const Admission& admission) {
    // The body is not read; so nothing that follows it can be told from it.
    const bool keep = !head.has_body() && !head.http_1_0 && !head.lists("connection", "close") &&
                      !context_->stopping;
    Response response = error_response(*admission.refusal);
    if (!admission.allow.empty())
      response.headers.emplace_back("Allow", admission.allow);
    if (keep) {
      const std::size_t end = buffered().find("\r\n\r\n");
      buffer_.consume(end + 4);
    }
    co_return co_await write(response, head.method == "HEAD", keep);
  }

  asio::awaitable<Next> refuse(const Refusal& refusal) {
    const Response response = error_response(refusal);
    co_return co_await write(response, false, false);
  }

  asio::awaitable<Next> write(const Response& response, bool head_only, bool keep) {
    stream_.expires_after(write_time);
    served_ += 1;
    const std::string bytes = response_bytes(response, head_only, keep);
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), use_tuple);
    if (error || size != bytes.size())
      co_return Next::close;
    co_return keep ? Next::another : Next::linger;
  }

  asio::awaitable<Next> hand_over(std::size_t head_length) {
    if (buffer_.size() != head_length) {
      const Refusal early{400, "bad_request", "data came before the WebSocket was open", {}};
      co_return co_await refuse(early);
    }
    stream_.expires_never();
    serve_websocket(context_, stream_.release_socket(), std::string{buffered()});
    co_return Next::handed_over;
  }

  bool client_left() {
    char byte = 0;
    const auto size = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size == 0;
  }

  /// Closing with unread bytes would reset the connection and destroy the answer on its way.
  asio::awaitable<void> linger() {
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.expires_after(linger_time);
    std::size_t total = 0;
    idle_ = true;
    while (total < linger_bytes_max && !context_->stopping) {
      buffer_.clear();
      const auto [error, size] =
          co_await stream_.async_read_some(buffer_.prepare(read_bytes), use_tuple);
      if (error)
        break;
      total += size;
    }
  }

  std::shared_ptr<ServerContext> context_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{};
  bool idle_{true};  ///< no request is being answered
  int served_{0};
};

}  // namespace

void serve_connection(std::shared_ptr<ServerContext> context, asio::ip::tcp::socket socket) {
  auto& loop = context->loop;
  const auto session = std::make_shared<HttpSession>(std::move(context), std::move(socket));
  asio::co_spawn(
      loop, [session] { return session->run(); }, asio::detached);
}

}  // namespace errand
