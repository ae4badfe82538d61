#include "once/http_client.hpp"

#include <errand/error.hpp>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::chrono::seconds patience{10};

/// One exchange on an event loop of its own, because only asynchronous calls have a time limit.
class Exchange {
 public:
  Exchange(int port, Request request) : request_{std::move(request)} {
    stream_.expires_after(patience);
    const asio::ip::tcp::endpoint endpoint{asio::ip::address_v4::loopback(),
                                           static_cast<unsigned short>(port)};
    stream_.async_connect(endpoint, [this](error_code failed) { on_connect(failed); });
  }

  Response run() {
    context_.run();
    if (failed_)
      throw errand::Error{errand::ErrorKind::unavailable,
                          std::string{"no answer to "} + std::string{request_.method_string()} +
                              " " + std::string{request_.target()} + ": " + failed_.message()};
    return std::move(response_);
  }

 private:
  void on_connect(error_code failed) {
    failed_ = failed;
    if (!failed)
      http::async_write(
          stream_, request_, [this](error_code error, std::size_t /*size*/) { on_write(error); });
  }

  void on_write(error_code failed) {
    failed_ = failed;
    if (!failed)
      http::async_read(stream_, buffer_, response_, [this](error_code error, std::size_t /*size*/) {
        failed_ = error;
      });
  }

  asio::io_context context_{1};
  beast::tcp_stream stream_{context_};
  beast::flat_buffer buffer_{};
  Request request_;
  Response response_{};
  error_code failed_{};
};

errand::Json call(int port, Request request) {
  const std::string what =
      std::string{request.method_string()} + " " + std::string{request.target()};
  const Response response = Exchange{port, std::move(request)}.run();
  const errand::Json body = errand::Json::parse(response.body(), nullptr, false);
  if (http::to_status_class(response.result()) != http::status_class::successful)
    throw errand::Error{errand::ErrorKind::unavailable,
                        what + " was answered with " + std::to_string(response.result_int()) +
                            ": " + response.body()};
  return body;
}

Request make_request(http::verb verb, const std::string& path, int port, const std::string& token) {
  Request request{verb, path, 11};
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port));
  request.set(http::field::authorization, "Bearer " + token);
  return request;
}

}  // namespace

errand::Json HttpClient::get(const std::string& path) const {
  return call(port_, make_request(http::verb::get, path, port_, token_));
}

errand::Json HttpClient::post(const std::string& path, const errand::Json& body) const {
  Request request = make_request(http::verb::post, path, port_, token_);
  request.set(http::field::content_type, "application/json");
  request.body() = body.dump();
  request.prepare_payload();
  return call(port_, std::move(request));
}

}  // namespace demo
