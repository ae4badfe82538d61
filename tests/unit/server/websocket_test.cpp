#include <gmock/gmock.h>

#include "running_server.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// Connected and registered.
std::unique_ptr<WebSocketClient> registered(RunningServer& server, std::int64_t user_id) {
  auto client = std::make_unique<WebSocketClient>(server.server->port());
  client->register_as(token_of(user_id));
  EXPECT_EQ(client->read()->at("type"), "connected");
  EXPECT_EQ(client->read()->at("type"), "registered");
  return client;
}

std::string code_of(const std::optional<Json>& message) {
  return message ? message->at("data").value("code", "") : "the connection ended";
}

TEST(WebSocket, GreetsRegistersAndDelivers) {
  RunningServer server;
  WebSocketClient client{server.server->port()};
  EXPECT_EQ(client.status(), 101);
  const auto connected = client.read();
  EXPECT_EQ(connected->at("type"), "connected");
  EXPECT_TRUE(connected->at("data").at("message").is_string());
  client.register_as(token_of(42));
  const auto answer = client.read();
  EXPECT_EQ(answer->at("type"), "registered");
  EXPECT_EQ(answer->at("data").at("userId"), 42);
  server.server->send_to_user(42, {{"type", "hello"}, {"data", {{"n", 1}}}});
  EXPECT_EQ(*client.read(), Json({{"type", "hello"}, {"data", {{"n", 1}}}}));
}

TEST(WebSocket, DeliversToEverySessionOfAUserAndToNobodyElse) {
  RunningServer server;
  const auto one = registered(server, 42);
  const auto two = registered(server, 42);
  const auto other = registered(server, 43);
  WebSocketClient unregistered{server.server->port()};
  EXPECT_EQ(unregistered.read()->at("type"), "connected");
  server.server->send_to_user(42, {{"type", "mine"}});
  server.server->send_to_user(44, {{"type", "nobody's"}});
  server.server->broadcast({{"type", "everyone's"}});
  for (const auto& client : {one.get(), two.get()}) {
    EXPECT_EQ(client->read()->at("type"), "mine");
    EXPECT_EQ(client->read()->at("type"), "everyone's");
  }
  EXPECT_EQ(other->read()->at("type"), "everyone's");
  unregistered.send("{}");
  EXPECT_EQ(unregistered.read()->at("type"), "error");
}

TEST(WebSocket, SaysThatAUserLooksBeforeTheUserIsToldAndThatTheLastPageLeft) {
  RunningServer server;
  auto one = registered(server, 42);
  EXPECT_THAT(server.presence(0), ElementsAre("came 42"));
  auto two = registered(server, 42);
  const auto other = registered(server, 43);
  one.reset();
  two.reset();
  EXPECT_THAT(server.presence(3), ElementsAre("came 42", "came 43", "left 42"));
}

TEST(WebSocket, KeepsTheOrderOfMessages) {
  RunningServer server;
  const auto client = registered(server, 42);
  for (int n = 0; n < 500; ++n)
    server.server->send_to_user(42, {{"type", "n"}, {"n", n}});
  for (int n = 0; n < 500; ++n)
    ASSERT_EQ(client->read()->at("n"), n);
}

TEST(WebSocket, RefusesEveryBadRegistrationAndCloses) {
  RunningServer server;
  const std::string expired = token_of(42, -1h);
  for (const std::string& text :
       {std::string{"{}"},
        std::string{"[]"},
        std::string{"nonsense"},
        std::string{R"({"type":"register"})"},
        std::string{R"({"type":"register","jwtToken":7})"},
        std::string{R"({"type":"register","jwtToken":"a.b.c"})"},
        std::string{R"({"type":"other","jwtToken":")" + token_of(42) + "\"}"},
        std::string{R"({"type":"register","jwtToken":")" + admin_token + "\"}"},
        std::string{R"({"type":"register","jwtToken":")" + expired + "\"}"},
        std::string{R"({"type":"register","lastNotificationId":-1,"jwtToken":")" + token_of(42) +
                    "\"}"},
        std::string{R"({"type":"register","lastNotificationId":"1","jwtToken":")" + token_of(42) +
                    "\"}"}}) {
    WebSocketClient client{server.server->port()};
    client.send(text);
    EXPECT_EQ(client.read()->at("type"), "connected");
    EXPECT_EQ(code_of(client.read()), "INVALID_TOKEN") << text;
    EXPECT_EQ(client.read_to_end(), 1008) << text;
  }
}

TEST(WebSocket, EndsWhenNobodyRegisters) {
  WebServerOptions options;
  options.times.registration = 50ms;
  RunningServer server{options};
  WebSocketClient client{server.server->port()};
  EXPECT_EQ(client.read()->at("type"), "connected");
  EXPECT_EQ(code_of(client.read()), "REGISTER_TIMEOUT");
  EXPECT_EQ(client.read_to_end(), 1008);
}

TEST(WebSocket, EndsWhenTheTokenHasExpired) {
  WebServerOptions options;
  options.times.ping = 20ms;
  RunningServer server{options};
  WebSocketClient client{server.server->port()};
  // Within the leeway: good for half a second more.
  client.register_as(create_user_token(session_key, 42, SystemClock{}.wall_now() - 1h, 1h - 28s));
  EXPECT_EQ(client.read()->at("type"), "connected");
  EXPECT_EQ(client.read()->at("type"), "registered");
  EXPECT_EQ(code_of(client.read()), "INVALID_TOKEN");
  EXPECT_EQ(client.read_to_end(), 4001);
}

TEST(WebSocket, IsOpenToItsOwnPagesOnly) {
  RunningServer server;
  const std::string own = "http://localhost:" + std::to_string(server.server->port());
  EXPECT_EQ(WebSocketClient(server.server->port(), "Origin: " + own + "\r\n").status(), 101);
  for (const char* origin :
       {"http://evil.example", "null", "http://localhost:1", "https://localhost.evil.example"})
    EXPECT_EQ(
        WebSocketClient(server.server->port(), std::string{"Origin: "} + origin + "\r\n").status(),
        403)
        << origin;
}

TEST(WebSocket, DoesNotCompress) {
  RunningServer server;
  HttpClient client{server.server->port()};
  client.send(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
  const HttpReply reply = client.read(true);
  EXPECT_EQ(reply.status, 101);
  EXPECT_EQ(reply.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(reply.header("sec-websocket-extensions"), "");
  EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
}

TEST(WebSocket, AnswersAPlainRequestWith400) {
  RunningServer server;
  EXPECT_EQ(server.request("GET", "/ws").status, 400);
  EXPECT_EQ(server.request("GET", "/ws", {}, {}, "Upgrade: h2c\r\nConnection: Upgrade\r\n").status,
            400);
}

TEST(WebSocket, ClosesWith1001WhenTheServerStops) {
  RunningServer server;
  const auto client = registered(server, 42);
  std::thread stopping{[&server] {
    server.server->stop();
  }};
  EXPECT_EQ(client->read_to_end(), 1001);
  stopping.join();
}

TEST(WebSocket, FreesThePlaceOfAUserWhoLeaves) {
  WebServerOptions options;
  options.connections_per_user_max = 1;
  RunningServer server{options};
  for (int at = 0; at < 5; ++at) {
    auto client = registered(server, 42);
    client->send_raw(std::string{"\x88\x80\0\0\0\0", 6});
    EXPECT_EQ(client->read_to_end(), 1000);
  }
}

TEST(WebSocket, SurvivesSessionsThatComeAndGoWhileMessagesFly) {
  RunningServer server;
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    while (!over) {
      server.server->send_to_user(42, {{"type", "x"}});
      server.server->broadcast({{"type", "y"}});
      std::this_thread::yield();
    }
  });
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&server, thread] {
      for (int at = 0; at < 40; ++at) {
        WebSocketClient client{server.server->port()};
        if (at % 4 != 0)
          client.register_as(token_of(42 + thread % 2));
        if (at % 4 > 1) {
          EXPECT_TRUE(client.read());
        }
        if (at % 4 > 2)
          client.send_raw(std::string{"\x88\x80\0\0\0\0", 6});
      }
    });
  }
  for (std::size_t at = 1; at < threads.size(); ++at)
    threads[at].join();
  over = true;
  threads[0].join();
  EXPECT_EQ(registered(server, 99)->status(), 101);
}

}  // namespace
}  // namespace errand::testing
