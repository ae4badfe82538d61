#include <numeric>

#include "jobs/job_json.hpp"
#include "running_server.hpp"

namespace errand::testing {
namespace {

Json live(const Notification& notification) {
  return {{"type", "notification_received"}, {"data", to_json(notification)}};
}

/// Ids of the next notifications, up to the message "end".
std::vector<std::int64_t> ids_until_end(WebSocketClient& client) {
  std::vector<std::int64_t> ids;
  while (const auto message = client.read()) {
    if (message->at("type") == "end")
      return ids;
    if (message->at("type") == "notification_received")
      ids.push_back(message->at("data").at("id").get<std::int64_t>());
  }
  ADD_FAILURE() << "the connection ended";
  return ids;
}

using Ids = std::vector<std::int64_t>;

class WebSocketReplay : public ::testing::Test {
 protected:
  void create(int count) {
    for (int at = 0; at < count; ++at)
      server_.notifications.create(42, {{"n", at}});
  }

  /// From now on; the server's event loop and pool see it with their next message.
  void end() { server_.server->send_to_user(42, {{"type", "end"}}); }

  RunningServer server_{};
};

TEST_F(WebSocketReplay, SendsWhatWasMissedOldestFirst) {
  create(5);
  server_.notifications.create(43, {{"n", "other"}});
  server_.notifications.after_since = [this] {
    end();
  };
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 2);
  EXPECT_EQ(ids_until_end(client), (Ids{3, 4, 5}));
}

TEST_F(WebSocketReplay, AnswersTheRegistrationFirst) {
  create(1);
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 0);
  EXPECT_EQ(client.read()->at("type"), "connected");
  EXPECT_EQ(client.read()->at("type"), "registered");
  EXPECT_EQ(client.read()->at("type"), "notification_received");
}

TEST_F(WebSocketReplay, SendsNothingOldWithoutBeingAsked) {
  create(3);
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42));
  EXPECT_EQ(client.read()->at("type"), "connected");
  EXPECT_EQ(client.read()->at("type"), "registered");
  end();
  EXPECT_EQ(ids_until_end(client), Ids{});
}

TEST_F(WebSocketReplay, GoesThroughManyPages) {
  create(350);
  std::atomic<int> pages{0};
  server_.notifications.after_since = [&] {
    if (++pages == 4)
      end();
  };
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 0);
  const Ids ids = ids_until_end(client);
  ASSERT_EQ(ids.size(), 350U);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(WebSocketReplay, ReplaysMoreBytesThanTheQueueHolds) {
  for (int at = 0; at < 150; ++at)
    server_.notifications.create(42, {{"text", std::string(20'000, 'a')}});
  std::atomic<int> pages{0};
  server_.notifications.after_since = [&] {
    if (++pages == 2)
      end();
  };
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 0);
  EXPECT_EQ(ids_until_end(client).size(), 150U);
}

TEST_F(WebSocketReplay, PassesOnceWhatIsStoredBeforeTheLookAndSentDuringIt) {
  create(2);
  server_.notifications.before_since = [this] {
    const Notification fresh = server_.notifications.create(42, {{"n", "fresh"}});
    server_.server->send_to_user(42, live(fresh));
  };
  server_.notifications.after_since = [this] {
    end();
  };
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 0);
  EXPECT_EQ(ids_until_end(client), (Ids{1, 2, 3}));
}

TEST_F(WebSocketReplay, LosesNothingThatIsStoredAfterTheLook) {
  create(2);
  server_.notifications.after_since = [this] {
    const Notification fresh = server_.notifications.create(42, {{"n", "fresh"}});
    server_.server->send_to_user(42, live(fresh));
    end();
  };
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 0);
  EXPECT_EQ(ids_until_end(client), (Ids{1, 2, 3}));
}

TEST_F(WebSocketReplay, PassesOnceWhatIsSentLongAfterItWasReplayed) {
  create(2);
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 0);
  for (const char* type :
       {"connected", "registered", "notification_received", "notification_received"})
    EXPECT_EQ(client.read()->at("type"), type);
  server_.server->send_to_user(42, live(server_.notifications.list(42, {}, 1).at(0)));
  end();
  EXPECT_EQ(ids_until_end(client), Ids{});
}

TEST_F(WebSocketReplay, HasNeitherGapNorDuplicateWhileAnotherThreadCreates) {
  create(50);
  std::thread creating{[this] {
    for (int at = 0; at < 300; ++at)
      server_.server->send_to_user(42, live(server_.notifications.create(42, {{"n", at}})));
    end();
  }};
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 10);
  creating.join();
  server_.server->send_to_user(42, {{"type", "end"}});
  Ids ids;
  while (ids.empty() || ids.back() != 350) {
    const auto message = client.read();
    ASSERT_TRUE(message);
    if (message->at("type") == "notification_received")
      ids.push_back(message->at("data").at("id").get<std::int64_t>());
  }
  Ids expected(340);
  std::iota(expected.begin(), expected.end(), 11);
  EXPECT_EQ(ids, expected);
}

TEST_F(WebSocketReplay, AsksTheClientToComeBackWhenTheDatabaseIsAway) {
  server_.notifications.fault.away = true;
  WebSocketClient client{server_.server->port()};
  client.register_as(token_of(42), 0);
  EXPECT_EQ(client.read_to_end(), 1013);
}

}  // namespace
}  // namespace errand::testing
