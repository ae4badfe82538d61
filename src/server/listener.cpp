#include "server/listener.hpp"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/http_session.hpp"
#include "server/response.hpp"
#include "server/response_writer.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds accept_pause{1};
constexpr std::size_t plain_connections_max = 1024;  // besides those that may become WebSockets
constexpr int unacknowledged_milliseconds_max = 30'000;

std::string unbracketed(const std::string& host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

[[noreturn]] void throw_cannot_listen(const std::string& host,
                                      int port,
                                      const boost::system::error_code& error) {
  throw Error{ErrorKind::unavailable,
              "cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message() +
                  "; stop the program that uses it, or set HOST and PORT to a free address"};
}

tcp::endpoint resolve(asio::io_context& loop, const std::string& host, int port) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(unbracketed(host), error);
  if (!error)
    return {address, static_cast<std::uint16_t>(port)};
  tcp::resolver resolver{loop};
  const auto found = resolver.resolve(host, std::to_string(port), error);
  if (error || found.empty())
    throw_cannot_listen(host, port, error);
  return found.begin()->endpoint();
}

void set_options(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  // Bytes that nobody acknowledges: the peer's machine is gone, and no FIN will come.
  const int limit = unacknowledged_milliseconds_max;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
}

/// What is sent without waiting fits the socket's buffer of a fresh connection.
void turn_away(tcp::socket& socket) {
  const std::string bytes = response_bytes(
      error_response(Refusal{503, "unavailable", "too many connections are open", {}}),
      false,
      false);
  ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void take(const std::shared_ptr<ServerContext>& context, tcp::socket socket) {
  const auto limit =
      static_cast<std::size_t>(context->options.connections_total_max) + plain_connections_max;
  if (context->connections.size() >= limit) {
    turn_away(socket);
    return;
  }
  set_options(socket);
  serve_connection(context, std::move(socket));
}

bool is_transient(const boost::system::error_code& error) {
  return error == asio::error::connection_aborted || error == asio::error::interrupted ||
         error == asio::error::try_again;
}

}  // namespace

tcp::acceptor open_listener(asio::io_context& loop, const std::string& host, int port) {
  const tcp::endpoint endpoint = resolve(loop, host, port);
  tcp::acceptor acceptor{loop};
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error)
    acceptor.bind(endpoint, error);
  if (!error)
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    throw_cannot_listen(host, port, error);
  return acceptor;
}

asio::awaitable<void> accept_connections(std::shared_ptr<ServerContext> context,
                                         std::shared_ptr<tcp::acceptor> acceptor) {
  asio::steady_timer pause{context->loop};
  while (acceptor->is_open()) {
    auto [error, socket] = co_await acceptor->async_accept(use_tuple);
    if (!error)
      take(context, std::move(socket));
    if (!error || is_transient(error) || !acceptor->is_open())
      continue;
    context->log.warn("cannot accept connections for a second", {{"error", error.message()}});
    pause.expires_after(accept_pause);
    boost::system::error_code ignored;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace errand
