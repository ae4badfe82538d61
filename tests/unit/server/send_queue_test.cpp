#include "server/send_queue.hpp"

namespace errand {
namespace {

SocketMessage text(const std::string& words) {
  return {std::make_shared<const std::string>(words), std::nullopt};
}

SocketMessage notification(std::int64_t id) {
  return {std::make_shared<const std::string>("n" + std::to_string(id)), id};
}

std::vector<std::string> drain(SendQueue& queue) {
  std::vector<std::string> texts;
  while (const auto next = queue.pop())
    texts.push_back(*next);
  return texts;
}

using Texts = std::vector<std::string>;

TEST(SendQueue, GivesOutWhatCameInOrder) {
  SendQueue queue{100};
  EXPECT_TRUE(queue.push(text("a")));
  EXPECT_TRUE(queue.push(text("b")));
  EXPECT_EQ(drain(queue), (Texts{"a", "b"}));
}

TEST(SendQueue, IsFullAtItsLimit) {
  SendQueue queue{10};
  EXPECT_TRUE(queue.push(text("123456")));
  EXPECT_TRUE(queue.push(text("1234")));
  EXPECT_FALSE(queue.push(text("1")));
  drain(queue);
  EXPECT_TRUE(queue.push(text("1234567890")));
}

TEST(SendQueue, AlwaysHasRoomForOneMessage) {
  SendQueue queue{10};
  EXPECT_TRUE(queue.push(text(std::string(1000, 'a'))));
  EXPECT_FALSE(queue.push(text("b")));
}

TEST(SendQueue, LetsLiveMessagesWaitBehindTheReplay) {
  SendQueue queue{100};
  queue.hold();
  EXPECT_TRUE(queue.push(text("live")));
  queue.push_own(text("registered"));
  queue.push_replayed(notification(1));
  EXPECT_EQ(drain(queue), (Texts{"registered", "n1"}));
  queue.release();
  EXPECT_EQ(drain(queue), (Texts{"live"}));
}

TEST(SendQueue, PassesAReplayedNotificationOnce) {
  SendQueue queue{100};
  queue.hold();
  EXPECT_TRUE(queue.push(notification(2)));
  EXPECT_TRUE(queue.push(notification(3)));
  queue.push_replayed(notification(1));
  queue.push_replayed(notification(2));
  queue.release();
  EXPECT_TRUE(queue.push(notification(1)));
  EXPECT_EQ(drain(queue), (Texts{"n1", "n2", "n3"}));
}

TEST(SendQueue, PassesANotificationThatWasCommittedLateAlthoughItsIdIsLower) {
  SendQueue queue{100};
  queue.hold();
  queue.push_replayed(notification(6));
  queue.release();
  EXPECT_TRUE(queue.push(notification(5)));
  EXPECT_EQ(drain(queue), (Texts{"n6", "n5"}));
}

TEST(SendQueue, DoesNotCountTheReplay) {
  SendQueue queue{4};
  queue.hold();
  for (int id = 1; id < 10; ++id)
    queue.push_replayed(notification(id));
  EXPECT_TRUE(queue.push(text("live")));
  EXPECT_FALSE(queue.push(text("x")));
  queue.release();
  EXPECT_EQ(drain(queue).size(), 10U);
}

TEST(SendQueue, GivesBackTheRoomOfRepeats) {
  SendQueue queue{4};
  queue.hold();
  EXPECT_TRUE(queue.push(notification(11)));
  queue.push_replayed(notification(11));
  queue.release();
  drain(queue);
  EXPECT_TRUE(queue.push(text("12")));
  EXPECT_TRUE(queue.push(text("34")));
}

}  // namespace
}  // namespace errand
