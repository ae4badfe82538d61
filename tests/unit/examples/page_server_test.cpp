#include "server/page_server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/background_thread.hpp"
#include "server/listen.hpp"

namespace demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Page : public ::testing::Test {
 protected:
  tcp::socket connect(const std::string& request) {
    tcp::socket socket{context_};
    socket.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(page_.port())});
    asio::write(socket, asio::buffer(request));
    return socket;
  }

  std::string head_of(tcp::socket& socket) {
    std::string text;
    asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n");
    return text;
  }

  std::string exchange(const std::string& first_line, const std::string& headers) {
    tcp::socket socket = connect(first_line + "\r\n" + headers + "\r\n");
    return head_of(socket);
  }

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(page_.port()); }

  asio::io_context context_{};
  tcp::acceptor errand_{listen_on_loopback(context_, 0, "the test")};
  asio::io_context server_context_{1};
  PageServer page_{server_context_,
                   0,
                   [](const PageRequest& request) {
                     return PageAnswer{200, "text/plain", request.method + request.target};
                   },
                   [this] {
                     return int{errand_.local_endpoint().port()};
                   }};
  BackgroundThread thread_{server_context_};
};

TEST_F(Page, AnswersUnderItsOwnNameWithAStrictPolicy) {
  const std::string answer = exchange("GET /x HTTP/1.1", "Host: " + host() + "\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
  EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff"));
}

TEST_F(Page, RefusesOtherNamesAndOtherPages) {
  EXPECT_THAT(exchange("GET / HTTP/1.1", "Host: evil.example\r\n"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(exchange("GET / HTTP/1.1", "Host: " + host() + "\r\nOrigin: http://evil.example\r\n"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(
      exchange("GET / HTTP/1.1", "Host: " + host() + "\r\nOrigin: http://" + host() + "\r\n"),
      StartsWith("HTTP/1.1 200"));
}

TEST_F(Page, LeadsItsWebSocketToErrandUnderErrandsOwnName) {
  tcp::socket browser =
      connect("GET /ws HTTP/1.1\r\nHost: " + host() + "\r\nOrigin: http://" + host() +
              "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
  tcp::socket errand = errand_.accept();
  const std::string own = "127.0.0.1:" + std::to_string(errand_.local_endpoint().port());
  const std::string head = head_of(errand);
  EXPECT_THAT(head, HasSubstr("Host: " + own + "\r\n"));
  EXPECT_THAT(head, HasSubstr("Origin: http://" + own + "\r\n"));
  asio::write(errand, asio::buffer(std::string_view{"HTTP/1.1 101 Switching Protocols\r\n\r\n"}));
  EXPECT_THAT(head_of(browser), StartsWith("HTTP/1.1 101"));
  asio::write(browser, asio::buffer(std::string_view{"up\r\n\r\n"}));
  EXPECT_EQ(head_of(errand), "up\r\n\r\n");
  errand.close();
  std::array<char, 1> rest{};
  boost::system::error_code ended;
  EXPECT_EQ(browser.read_some(asio::buffer(rest), ended), 0U);
  EXPECT_EQ(ended, asio::error::eof);
}

TEST_F(Page, SaysWhichPortIsTaken) {
  try {
    static_cast<void>(listen_on_loopback(context_, page_.port(), "the page"));
    ADD_FAILURE() << "listened twice";
  } catch (const errand::Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot listen for the page on " + host()));
  }
}

}  // namespace
}  // namespace demo
