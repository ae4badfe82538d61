#include "server/request_body.hpp"

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace errand {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using SteadyTime = std::chrono::steady_clock;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t bodies_bytes_max = 128 * 1024 * 1024;  // of all requests together
constexpr std::size_t chunk_extension_bytes_max = 256;
constexpr std::size_t body_bytes_per_second_min = 1024;

Refusal too_large(std::size_t limit) {
  return {
      413, "payload_too_large", "the body is longer than " + std::to_string(limit) + " bytes", {}};
}

/// Memory that a body will take, held until it is read.
class Reservation {
 public:
  Reservation(ServerContext& context, std::size_t bytes)
      : context_{context}, bytes_{context.body_bytes_held + bytes > bodies_bytes_max ? 0 : bytes} {
    context_.body_bytes_held += bytes_;
  }

  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  ~Reservation() { context_.body_bytes_held -= bytes_; }

  [[nodiscard]] bool granted(std::size_t wanted) const { return bytes_ == wanted; }

 private:
  ServerContext& context_;
  std::size_t bytes_;
};

std::size_t bytes_to_expect(const RequestHead& head, const Route& route) {
  if (head.has("transfer-encoding"))
    return route.body_bytes_max;
  return parse_content_length(head.field("content-length")).value_or(0);
}

Refusal read_refusal(const beast::error_code& error, const Route& route) {
  if (error == http::error::body_limit)
    return too_large(route.body_bytes_max);
  return {400, "bad_request", "the body is not framed as HTTP/1.1 says", {}};
}

bool is_disconnection(const beast::error_code& error) {
  return error == http::error::end_of_stream || error == http::error::partial_message ||
         error == asio::error::connection_reset || error == asio::error::operation_aborted ||
         error == asio::error::eof || error == beast::error::timeout;
}

asio::awaitable<beast::error_code> send_continue(beast::tcp_stream& stream) {
  static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  const auto [error, size] =
      co_await asio::async_write(stream, asio::const_buffer{line.data(), line.size()}, use_tuple);
  co_return error;
}

using Parser = http::request_parser<http::string_body>;

/// Bytes over a time, checked at every read: a body that drips is cut off.
asio::awaitable<beast::error_code> read_all(ServerContext& context,
                                            beast::tcp_stream& stream,
                                            beast::flat_buffer& buffer,
                                            Parser& parser) {
  const auto grace = context.options.times.body_grace;
  const auto begin = SteadyTime::now();
  std::size_t total = 0;
  while (!parser.is_done()) {
    const std::chrono::seconds earned{total / body_bytes_per_second_min};
    stream.expires_at(begin + grace + earned);
    const auto [error, size] = co_await http::async_read_some(stream, buffer, parser, use_tuple);
    total += size;
    if (error)
      co_return error;
  }
  co_return beast::error_code{};
}

}  // namespace

asio::awaitable<BodyResult> read_body(ServerContext& context,
                                      beast::tcp_stream& stream,
                                      beast::flat_buffer& buffer,
                                      const Route& route,
                                      const RequestHead& head) {
  BodyResult result;
  const std::size_t expected = bytes_to_expect(head, route);
  if (expected > route.body_bytes_max) {
    result.refusal = too_large(route.body_bytes_max);
    co_return result;
  }
  const Reservation reservation{context, expected};
  if (!reservation.granted(expected)) {
    result.refusal = Refusal{503, "unavailable", "the server is busy; try again later", {}};
    co_return result;
  }
  Parser parser;
  parser.header_limit(2 * head_bytes_max);
  parser.body_limit(route.body_bytes_max);
  auto check_chunk = [](std::uint64_t, std::string_view extensions, beast::error_code& error) {
    if (extensions.size() > chunk_extension_bytes_max)
      error = http::error::bad_chunk_extension;
  };
  parser.on_chunk_header(check_chunk);
  beast::error_code error;
  if (head.has("expect") && head.has_body() && !head.http_1_0)
    error = co_await send_continue(stream);
  if (!error)
    error = co_await read_all(context, stream, buffer, parser);
  result.gone = is_disconnection(error);
  if (error && !result.gone)
    result.refusal = read_refusal(error, route);
  if (!error)
    result.text = std::move(parser.get().body());
  co_return result;
}

}  // namespace errand
