#include <boost/asio/steady_timer.hpp>

#include "running_server.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

std::string code_of(const std::optional<Json>& message) {
  return message ? message->at("data").value("code", "") : "the connection ended";
}

/// A masked frame of text, not final or final, with a mask of zeros.
std::string fragment(bool first, bool last, std::size_t size) {
  std::string frame(1, static_cast<char>((last ? 0x80 : 0) | (first ? 1 : 0)));
  frame.push_back(static_cast<char>(0x80U | size));
  return frame + std::string(4, '\0') + std::string(size, 'a');
}

void expect_registered(WebSocketClient& client, std::int64_t user_id) {
  client.register_as(token_of(user_id));
  EXPECT_EQ(client.read()->at("type"), "connected");
  EXPECT_EQ(client.read()->at("type"), "registered");
}

TEST(WebSocketLimits, HoldsSoManyConnectionsPerUser) {
  WebServerOptions options;
  options.connections_per_user_max = 2;
  RunningServer server{options};
  WebSocketClient one{server.server->port()};
  WebSocketClient two{server.server->port()};
  WebSocketClient three{server.server->port()};
  WebSocketClient other{server.server->port()};
  expect_registered(one, 42);
  expect_registered(two, 42);
  expect_registered(other, 43);
  three.register_as(token_of(42), 0);
  EXPECT_EQ(three.read()->at("type"), "connected");
  EXPECT_EQ(code_of(three.read()), "CONNECTION_LIMIT_PER_USER_EXCEEDED");
  EXPECT_EQ(three.read_to_end(), 1008);
  server.server->send_to_user(42, {{"type", "still"}});
  EXPECT_EQ(one.read()->at("type"), "still");
}

TEST(WebSocketLimits, HoldsSoManyConnectionsInAll) {
  WebServerOptions options;
  options.connections_total_max = 1;
  RunningServer server{options};
  WebSocketClient one{server.server->port()};
  expect_registered(one, 42);
  WebSocketClient two{server.server->port()};
  EXPECT_EQ(code_of(two.read()), "CONNECTION_LIMIT_TOTAL_EXCEEDED");
  EXPECT_EQ(two.read_to_end(), 1013);
}

TEST(WebSocketLimits, TakesAMessageOf64KibibytesAndNotMore) {
  RunningServer server;
  WebSocketClient good{server.server->port()};
  expect_registered(good, 42);
  good.send(std::string(65536, 'a'));
  server.settle();
  server.server->send_to_user(42, {{"type", "still"}});
  EXPECT_EQ(good.read()->at("type"), "still");
  WebSocketClient bad{server.server->port()};
  expect_registered(bad, 43);
  bad.send(std::string(65537, 'a'));
  EXPECT_EQ(code_of(bad.read()), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(bad.read_to_end(), 1009);
}

TEST(WebSocketLimits, CountsAMessageInFragmentsAsOne) {
  RunningServer server;
  WebSocketClient client{server.server->port()};
  expect_registered(client, 42);
  std::string frames;
  for (int at = 0; at < 600; ++at)
    frames += fragment(at == 0, false, 120);
  client.send_raw(frames);
  EXPECT_EQ(code_of(client.read()), "MESSAGE_TOO_LARGE");
}

TEST(WebSocketLimits, RefusesTooManyTinyFragments) {
  RunningServer server;
  WebSocketClient client{server.server->port()};
  expect_registered(client, 42);
  std::string frames;
  for (int at = 0; at < 1100; ++at)
    frames += fragment(at == 0, false, 1);
  client.send_raw(frames);
  EXPECT_EQ(code_of(client.read()), "MESSAGE_TOO_LARGE");
}

TEST(WebSocketLimits, EndsAFloodOfMessagesAndOfPings) {
  RunningServer server;
  WebSocketClient talker{server.server->port()};
  expect_registered(talker, 42);
  for (int at = 0; at < 50; ++at)
    talker.send("{}");
  EXPECT_EQ(talker.read_to_end(), 1008);
  WebSocketClient pinger{server.server->port()};
  expect_registered(pinger, 42);
  for (int at = 0; at < 50; ++at)
    pinger.ping();
  EXPECT_EQ(pinger.read_to_end(), 1008);
}

TEST(WebSocketLimits, BreaksOffOnFramesThatTheProtocolForbids) {
  RunningServer server;
  for (const std::string& frame : {std::string{"\x81\x01"
                                               "a",
                                               3},                              // not masked
                                   std::string{"\xF1\x80\0\0\0\0", 6},          // reserved bits
                                   std::string{"\x83\x80\0\0\0\0", 6},          // reserved opcode
                                   std::string{"\x09\x80\0\0\0\0", 6},          // ping in fragments
                                   std::string{"\x80\x80\0\0\0\0", 6},          // continues nothing
                                   std::string{"\x81\x82\0\0\0\0\xFF\xFE", 8},  // not UTF-8
                                   std::string{"\x81\xFE\0\x01\0\0\0\0a", 9},  // length not minimal
                                   std::string{"\x81\xFF\xFF\0\0\0\0\0\0\0\0\0\0\0", 14}}) {
    WebSocketClient client{server.server->port()};
    expect_registered(client, 42);
    client.send_raw(frame);
    const int code = client.read_to_end();
    EXPECT_TRUE(code == 1002 || code == 1007 || code == 1009) << code;
  }
  EXPECT_EQ(server.request("GET", "/livez").status, 200);
}

TEST(WebSocketLimits, DropsAClientThatDoesNotReadAndServesTheOthers) {
  RunningServer server;
  WebSocketClient slow{server.server->port(), {}, 4096};
  WebSocketClient good{server.server->port()};
  expect_registered(slow, 42);
  expect_registered(good, 43);
  const Json big{{"type", "big"}, {"text", std::string(60'000, 'a')}};
  const auto dropped = [&server] {
    return server.lines->text().find("a slow WebSocket client is dropped") != std::string::npos;
  };
  for (int at = 0; at < 2000 && !dropped(); ++at) {
    server.server->send_to_user(42, big);
    server.settle();
  }
  EXPECT_TRUE(dropped());
  server.server->send_to_user(43, {{"type", "still"}});
  EXPECT_EQ(good.read()->at("type"), "still");
}

TEST(WebSocketLimits, SendsOneMessageThatIsLongerThanTheQueue) {
  WebServerOptions options;
  options.send_queue_bytes_max = 1000;
  RunningServer server{options};
  WebSocketClient client{server.server->port()};
  expect_registered(client, 42);
  server.server->send_to_user(42, {{"type", "big"}, {"text", std::string(1'000'000, 'a')}});
  EXPECT_EQ(client.read()->at("type"), "big");
}

TEST(WebSocketLimits, PingsAndKeepsWhoAnswers) {
  WebServerOptions options;
  options.times.ping = 10ms;
  options.times.silence = 500ms;
  RunningServer server{options};
  WebSocketClient client{server.server->port()};
  expect_registered(client, 42);
  std::thread late{[&server] {
    std::promise<void> over;
    boost::asio::steady_timer timer{server.loop, 1s};
    timer.async_wait([&over](const boost::system::error_code&) { over.set_value(); });
    over.get_future().wait();
    server.server->send_to_user(42, {{"type", "late"}});
  }};
  EXPECT_EQ(client.read()->at("type"), "late");
  late.join();
}

TEST(WebSocketLimits, DropsWhoDoesNotAnswerPings) {
  WebServerOptions options;
  options.times.ping = 10ms;
  options.times.silence = 100ms;
  RunningServer server{options};
  WebSocketClient client{server.server->port()};
  expect_registered(client, 42);
  client.answer_pings(false);
  EXPECT_EQ(client.read_to_end(), 1006);
}

}  // namespace
}  // namespace errand::testing
