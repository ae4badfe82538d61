#include "store/postgresql/feed_outbox.hpp"

#include <gmock/gmock.h>

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Json wake{{"type", "wake"}};

Json message(int number, std::size_t bytes = 10) {
  return {{"type", "broadcast"}, {"number", number}, {"message", std::string(bytes, 'x')}};
}

class FeedOutboxTest : public ::testing::Test {
 protected:
  /// How many events leave at this instant.
  std::size_t take(std::chrono::milliseconds at) {
    std::size_t events = 0;
    for (const std::string& payload : outbox_.take(SteadyPoint{at}))
      events += read_feed(payload)->events.size();
    return events;
  }

  FeedOutbox outbox_{"me"};
};

TEST_F(FeedOutboxTest, HasNothingToSayAtFirst) {
  EXPECT_TRUE(outbox_.empty());
  EXPECT_FALSE(outbox_.due());
  EXPECT_EQ(take(0ms), 0U);
}

TEST_F(FeedOutboxTest, TheFirstHintLeavesAtOnceAndTheNextAfterFiftyMilliseconds) {
  EXPECT_TRUE(outbox_.push(wake));
  EXPECT_EQ(take(1000ms), 1U);
  outbox_.push(wake);
  EXPECT_EQ(outbox_.due(), SteadyPoint{1050ms});
  EXPECT_EQ(take(1049ms), 0U);
  EXPECT_EQ(take(1050ms), 1U);
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(FeedOutboxTest, NoMoreThanTwentyASecondLeaveUnderAFlood) {
  int sendings = 0;
  for (auto at = 0ms; at < 1000ms; ++at) {
    outbox_.push(wake);
    sendings += outbox_.take(SteadyPoint{at}).empty() ? 0 : 1;
  }
  EXPECT_EQ(sendings, 20);
}

TEST_F(FeedOutboxTest, EqualHintsAreOneAndMessagesAreAllKept) {
  for (int each = 0; each < 5; ++each) {
    outbox_.push(wake);
    outbox_.push({{"type", "job-finished"}});
    outbox_.push(message(1));
  }
  EXPECT_EQ(take(0ms), 2U + 5U);
  outbox_.push(wake);
  EXPECT_EQ(take(50ms), 1U) << "a hint that was sent is news again";
}

TEST_F(FeedOutboxTest, OneSendingCarriesThirtyTwoPayloadsAndTheRestFollows) {
  outbox_.push(message(1, 400'000));  // 52 payloads
  EXPECT_THAT(outbox_.take(SteadyPoint{0ms}), SizeIs(32));
  outbox_.push(wake);
  EXPECT_THAT(outbox_.take(SteadyPoint{49ms}), IsEmpty());
  EXPECT_THAT(outbox_.take(SteadyPoint{50ms}), SizeIs(20));
  EXPECT_FALSE(outbox_.empty());
  EXPECT_EQ(take(100ms), 1U);
}

TEST_F(FeedOutboxTest, WhileNobodyTakesThemTheOldestAreDroppedBeyondFourMebibytes) {
  outbox_.push(wake);
  for (int each = 0; each < 100; ++each)
    outbox_.push(message(each, 100'000));
  EXPECT_EQ(outbox_.dropped(), 60);  // 41 of 100,047 bytes fit into 4,194,304; the wake went first
  outbox_.push(wake);
  std::vector<Json> events;
  FeedJoiner joiner;
  for (auto at = 0ms; !outbox_.empty(); at += 50ms) {
    for (const std::string& payload : outbox_.take(SteadyPoint{at})) {
      auto read = read_feed(payload);
      if (auto whole = joiner.add("me", read->part.value_or(FeedPart{}), SteadyPoint{at}))
        events.push_back(*std::move(whole));
    }
  }
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.front().at("number"), 59);
  EXPECT_EQ(events.back().at("number"), 99);
}

TEST_F(FeedOutboxTest, RefusesAnEventOverOneMebibyte) {
  EXPECT_FALSE(outbox_.push(message(1, feed_event_bytes_max)));
  EXPECT_TRUE(outbox_.empty());
  EXPECT_EQ(outbox_.dropped(), 1);
}

}  // namespace
}  // namespace errand::sql
