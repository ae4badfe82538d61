#include "server/page_server.hpp"

#include <sstream>

#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "server/listen.hpp"
#include "server/tunnel.hpp"

namespace demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using beast::error_code;

constexpr std::chrono::seconds patience{15};
constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
    "data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

std::string text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

// A page of another site must not press this page's buttons, nor read it under a name of its own.
bool comes_from_here(const Request& request, int port) {
  const std::string host = text_of(request[http::field::host]);
  const std::string at_port = ":" + std::to_string(port);
  if (host != "127.0.0.1" + at_port && host != "localhost" + at_port)
    return false;
  const std::string origin = text_of(request[http::field::origin]);
  return origin.empty() || origin == "http://" + host;
}

Response make_response(const Request& request, PageAnswer answer) {
  Response response{static_cast<http::status>(answer.status), request.version()};
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("Content-Security-Policy",
               beast::string_view{content_policy.data(), content_policy.size()});
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(answer.body);
  response.prepare_payload();
  return response;
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket,
          const PageServer::Answer& answer,
          const PageServer::ErrandPort& errand)
      : port_{socket.local_endpoint().port()},
        stream_{std::move(socket)},
        answer_{answer},
        errand_port_{errand} {}

  void read() {
    parser_.emplace();
    parser_->body_limit(body_bytes_max);
    stream_.expires_after(patience);
    http::async_read(stream_,
                     buffer_,
                     *parser_,
                     [self = shared_from_this()](error_code failed, std::size_t /*size*/) {
                       if (!failed)
                         self->handle(self->parser_->release());
                     });
  }

 private:
  void handle(Request request) {
    if (!comes_from_here(request, port_))
      return write(make_response(request, {403, "text/plain", "this page is for itself only\n"}));
    if (request.target() == "/ws" && beast::websocket::is_upgrade(request))
      return tunnel(std::move(request));
    write(make_response(
        request,
        answer_({text_of(request.method_string()), text_of(request.target()), request.body()})));
  }

  void tunnel(Request request) {
    const int port = errand_port_();
    const std::string host = "127.0.0.1:" + std::to_string(port);
    request.set(http::field::host, host);
    if (request.count(http::field::origin) != 0)
      request.set(http::field::origin, "http://" + host);
    std::ostringstream head;
    head << request;
    stream_.expires_never();
    open_tunnel(stream_.release_socket(), port, head.str());
  }

  void write(Response response) {
    response_.emplace(std::move(response));
    http::async_write(
        stream_, *response_, [self = shared_from_this()](error_code failed, std::size_t /*size*/) {
          if (!failed && self->response_->keep_alive())
            self->read();
          else
            self->stream_.close();
        });
  }

  int port_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{};
  std::optional<http::request_parser<http::string_body>> parser_{};
  std::optional<Response> response_{};
  PageServer::Answer answer_;
  PageServer::ErrandPort errand_port_;
};

}  // namespace

class PageServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& context, int port, Answer answer, ErrandPort errand_port)
      : acceptor_{listen_on_loopback(context, port, "the page")},
        port_{acceptor_.local_endpoint().port()},
        answer_{std::move(answer)},
        errand_port_{std::move(errand_port)} {}

  [[nodiscard]] int port() const noexcept { return port_; }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted)
        return;
      if (!failed)
        std::make_shared<Session>(std::move(socket), self->answer_, self->errand_port_)->read();
      self->accept();
    });
  }

  void stop() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
    });
  }

 private:
  tcp::acceptor acceptor_;
  int port_;
  Answer answer_;
  ErrandPort errand_port_;
};

PageServer::PageServer(asio::io_context& context, int port, Answer answer, ErrandPort errand_port)
    : listener_{
          std::make_shared<Listener>(context, port, std::move(answer), std::move(errand_port))} {
  listener_->accept();
}

PageServer::~PageServer() {
  listener_->stop();
}

int PageServer::port() const noexcept {
  return listener_->port();
}

}  // namespace demo
