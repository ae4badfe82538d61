#include "tcp_proxy.hpp"

#include <errand/error.hpp>
#include <future>
#include <thread>

#include <boost/asio.hpp>
#include <gmock/gmock.h>

namespace errand::torture {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

/// A server that sends back what it gets, on one connection at a time.
class Echo {
 public:
  ~Echo() {
    stopping_ = true;
    tcp::socket{context_}.connect(acceptor_.local_endpoint());
    thread_.join();
  }

  [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }

 private:
  void serve() {
    while (!stopping_) {
      tcp::socket socket = acceptor_.accept();
      std::array<char, 64> bytes{};
      boost::system::error_code failure;
      while (!failure && !stopping_) {
        const std::size_t size = socket.read_some(asio::buffer(bytes), failure);
        if (!failure)
          asio::write(socket, asio::buffer(bytes, size), failure);
      }
    }
  }

  asio::io_context context_{};
  tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
  std::atomic<bool> stopping_{false};
  std::thread thread_{[this] {
    serve();
  }};
};

class TcpProxyTest : public ::testing::Test {
 protected:
  [[nodiscard]] tcp::socket connect() {
    tcp::socket socket{context_};
    socket.connect({asio::ip::address_v4::loopback(), proxy_.port()});
    return socket;
  }

  static void send(tcp::socket& socket, const std::string& text) {
    asio::write(socket, asio::buffer(text));
  }

  /// Until so much is there or the connection is at its end.
  static std::string receive(tcp::socket& socket, std::size_t size) {
    std::string text(size, '\0');
    boost::system::error_code end;
    text.resize(asio::read(socket, asio::buffer(text), end));
    return text;
  }

  static boost::system::error_code end_of(tcp::socket& socket) {
    char byte = 0;
    boost::system::error_code end;
    asio::read(socket, asio::buffer(&byte, 1), end);
    return end;
  }

  asio::io_context context_{};
  Echo echo_{};
  TcpProxy proxy_{"127.0.0.1", echo_.port()};
};

TEST_F(TcpProxyTest, PassesBytesBothWays) {
  tcp::socket socket = connect();
  send(socket, "hello");
  EXPECT_EQ(receive(socket, 5), "hello");
}

TEST_F(TcpProxyTest, PassesNothingWhileItIsStalledAndAllOfItAfterwards) {
  tcp::socket socket = connect();
  send(socket, "first");
  ASSERT_EQ(receive(socket, 5), "first");
  proxy_.stall(true);
  proxy_.delay(0ms);  // done after the stall: the proxy does one thing after the other
  auto answer = std::async(std::launch::async, [&] {
    send(socket, "later");
    return receive(socket, 5);
  });
  EXPECT_EQ(answer.wait_for(100ms), std::future_status::timeout);
  proxy_.stall(false);
  EXPECT_EQ(answer.get(), "later");
}

TEST_F(TcpProxyTest, DelaysEachWay) {
  tcp::socket socket = connect();
  send(socket, "first");
  ASSERT_EQ(receive(socket, 5), "first");
  socket.close();
  proxy_.delay(60ms);
  tcp::socket another = connect();  // taken up after the delay was
  const auto begin = std::chrono::steady_clock::now();
  send(another, "hello");
  EXPECT_EQ(receive(another, 5), "hello");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 120ms);
}

TEST_F(TcpProxyTest, CutsAConnectionAfterSoManyBytes) {
  proxy_.cut_after(7);
  tcp::socket socket = connect();
  send(socket, "hello");
  EXPECT_EQ(receive(socket, 5), "hello");
  send(socket, "hello");
  EXPECT_THAT(receive(socket, 5), ::testing::SizeIs(::testing::Le(2U)));
  EXPECT_TRUE(end_of(socket).failed());
}

TEST_F(TcpProxyTest, ResetsWhatIsOpenAndTakesNewConnections) {
  tcp::socket socket = connect();
  send(socket, "hello");
  ASSERT_EQ(receive(socket, 5), "hello");
  proxy_.reset_all();
  EXPECT_EQ(end_of(socket), asio::error::connection_reset);
  tcp::socket another = connect();
  send(another, "again");
  EXPECT_EQ(receive(another, 5), "again");
}

TEST(PostgresAddressTest, PutsAnotherPortOrDatabaseIntoAnAddress) {
  const PostgresAddress address{"postgresql://errand@localhost:5432/jobs?sslmode=disable"};
  EXPECT_EQ(address.host, "localhost");
  EXPECT_EQ(address.port, 5432);
  EXPECT_EQ(address.with(77), "postgresql://errand@127.0.0.1:77/jobs?sslmode=disable");
  EXPECT_EQ(address.to_database("other"),
            "postgresql://errand@localhost:5432/other?sslmode=disable");
}

TEST(PostgresAddressTest, RefusesWhatNamesNoHostAndPort) {
  EXPECT_THROW(PostgresAddress{"postgresql:///jobs?host=/run"}, Error);
  EXPECT_THROW(PostgresAddress{"sqlite:jobs.db"}, Error);
}

}  // namespace
}  // namespace errand::torture
