#include "server/socket_registry.hpp"

namespace errand {
namespace {

class Receiver final : public SocketReceiver {
 public:
  void deliver(const SocketMessage& message) override { received.push_back(message); }

  std::vector<SocketMessage> received{};
};

TEST(SocketRegistry, SendsToEverySessionOfAUserAndToNobodyElse) {
  SocketRegistry registry;
  const auto one = std::make_shared<Receiver>();
  const auto two = std::make_shared<Receiver>();
  const auto other = std::make_shared<Receiver>();
  EXPECT_TRUE(registry.add(1, one, 5));
  EXPECT_TRUE(registry.add(1, two, 5));
  EXPECT_TRUE(registry.add(2, other, 5));
  registry.send_to_user(1, {{"type", "x"}});
  EXPECT_EQ(one->received.size(), 1U);
  EXPECT_EQ(two->received.size(), 1U);
  EXPECT_TRUE(other->received.empty());
}

TEST(SocketRegistry, SerialisesOnceForAll) {
  SocketRegistry registry;
  const auto one = std::make_shared<Receiver>();
  const auto two = std::make_shared<Receiver>();
  EXPECT_TRUE(registry.add(1, one, 5));
  EXPECT_TRUE(registry.add(2, two, 5));
  registry.broadcast({{"type", "x"}});
  EXPECT_EQ(one->received.at(0).text.get(), two->received.at(0).text.get());
}

TEST(SocketRegistry, HoldsAtMostSoManyPerUser) {
  SocketRegistry registry;
  const auto one = std::make_shared<Receiver>();
  EXPECT_TRUE(registry.add(1, one, 1));
  EXPECT_FALSE(registry.add(1, std::make_shared<Receiver>(), 1));
  EXPECT_TRUE(registry.add(2, std::make_shared<Receiver>(), 1));
  registry.remove(1, one.get());
  EXPECT_EQ(registry.count(1), 0);
  EXPECT_TRUE(registry.add(1, std::make_shared<Receiver>(), 1));
}

TEST(SocketRegistry, ForgetsWhoLeft) {
  SocketRegistry registry;
  const auto one = std::make_shared<Receiver>();
  EXPECT_TRUE(registry.add(1, one, 5));
  EXPECT_TRUE(registry.remove(1, one.get()));
  EXPECT_FALSE(registry.remove(1, one.get()));
  registry.send_to_user(1, {{"type", "x"}});
  EXPECT_TRUE(one->received.empty());
  EXPECT_EQ(one.use_count(), 1);
}

TEST(SocketRegistry, SaysWhenAUsersLastOneLeft) {
  SocketRegistry registry;
  const auto one = std::make_shared<Receiver>();
  const auto two = std::make_shared<Receiver>();
  EXPECT_TRUE(registry.add(1, one, 5));
  EXPECT_TRUE(registry.add(1, two, 5));
  EXPECT_FALSE(registry.remove(1, one.get()));
  EXPECT_FALSE(registry.remove(1, std::make_shared<Receiver>().get()));
  EXPECT_TRUE(registry.remove(1, two.get()));
}

TEST(SocketMessage, KnowsTheIdOfAStoredNotification) {
  EXPECT_EQ(make_socket_message({{"type", "notification_received"}, {"data", {{"id", 7}}}})
                .notification_id,
            7);
  for (const char* text : {R"({"type":"x","data":{"id":7}})",
                           R"({"type":"notification_received"})",
                           R"({"type":"notification_received","data":[]})",
                           R"({"type":"notification_received","data":{"id":"7"}})",
                           "[]",
                           "7"})
    EXPECT_EQ(make_socket_message(Json::parse(text)).notification_id, std::nullopt) << text;
}

TEST(SocketMessage, IsValidTextEvenWhenTheMessageIsNot) {
  EXPECT_EQ(*make_socket_message(Json("a\xFF")).text, "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace errand
