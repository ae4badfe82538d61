#include "store/postgresql/feed_payload.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Property;
using ::testing::SizeIs;

constexpr const char* me = "0123456789abcdef0123456789abcdef";

Json message(const std::string& text) {
  return {{"type", "send-to-user"}, {"userId", 42}, {"message", text}};
}

std::vector<std::string> pack(const std::vector<Json>& events) {
  std::vector<std::string> texts;
  std::transform(events.begin(), events.end(), std::back_inserter(texts), feed_text);
  std::uint64_t number = 1;
  return pack_feed(me, texts, number);
}

class FeedJoinerTest : public ::testing::Test {
 protected:
  /// What a receiver makes of these payloads.
  std::vector<Json> receive(const std::vector<std::string>& payloads, SteadyPoint now = {}) {
    std::vector<Json> events;
    for (const std::string& payload : payloads) {
      auto read = read_feed(payload);
      EXPECT_TRUE(read) << payload;
      for (Json& event : read->events)
        events.push_back(std::move(event));
      if (!read->part)
        continue;
      if (auto whole = joiner_.add(read->from, *read->part, now))
        events.push_back(*std::move(whole));
    }
    return events;
  }

  FeedJoiner joiner_{};
};

TEST_F(FeedJoinerTest, SmallEventsTravelTogetherInTheirOrder) {
  const std::vector<Json> events = {{{"type", "wake"}}, message("one"), message("two")};
  const auto payloads = pack(events);
  EXPECT_THAT(payloads, SizeIs(1));
  EXPECT_EQ(receive(payloads), events);
  EXPECT_EQ(read_feed(payloads.at(0))->from, me);
}

TEST(FeedPayloadTest, NothingIsPackedIntoNothing) {
  EXPECT_THAT(pack({}), IsEmpty());
}

TEST_F(FeedJoinerTest, APayloadIsFullAt7900Bytes) {
  std::vector<Json> events;
  for (int each = 0; each < 1000; ++each)
    events.push_back(message(std::string(static_cast<std::size_t>(each % 97), 'x')));
  const auto payloads = pack(events);
  EXPECT_THAT(payloads, Each(Property(&std::string::size, Le(feed_payload_bytes_max))));
  EXPECT_THAT(payloads, SizeIs(Le(15U)));  // 1000 events of 101 bytes on average
  EXPECT_EQ(receive(payloads), events);
}

TEST_F(FeedJoinerTest, AnEventOfAnySizeArrivesWhole) {
  for (const std::size_t size : {7'700U, 7'800U, 7'900U, 8'000U, 20'000U, 1'000'000U}) {
    const Json event = message(std::string(size, 'x'));
    const auto payloads = pack({event, {{"type", "wake"}}});
    EXPECT_THAT(payloads, Each(Property(&std::string::size, Le(feed_payload_bytes_max)))) << size;
    EXPECT_THAT(receive(payloads), ElementsAre(event, Json{{"type", "wake"}})) << size;
  }
  EXPECT_EQ(joiner_.waiting(), 0U);
}

TEST_F(FeedJoinerTest, QuotesBackslashesAndForeignLettersSurviveTheCut) {
  std::string text;
  while (text.size() < 30'000)
    text += "\"\\ \n\u00e4\u4e2d\U0001f600 plain ";
  const auto payloads = pack({message(text)});
  EXPECT_THAT(payloads, Each(Property(&std::string::size, Le(feed_payload_bytes_max))));
  const auto is_ascii = [](const std::string& payload) {
    return std::all_of(payload.begin(), payload.end(), [](char one) { return one > 0; });
  };
  EXPECT_TRUE(std::all_of(payloads.begin(), payloads.end(), is_ascii));
  EXPECT_THAT(receive(payloads), ElementsAre(message(text)));
}

TEST_F(FeedJoinerTest, PartsArriveInAnyOrderAndMixed) {
  auto payloads = pack({message(std::string(40'000, 'a')), message(std::string(40'000, 'b'))});
  std::shuffle(payloads.begin(), payloads.end(), std::mt19937{7});
  const auto events = receive(payloads);
  EXPECT_THAT(events,
              ::testing::UnorderedElementsAre(message(std::string(40'000, 'a')),
                                              message(std::string(40'000, 'b'))));
}

TEST_F(FeedJoinerTest, APartThatComesTwiceIsCountedOnce) {
  auto payloads = pack({message(std::string(20'000, 'a'))});
  ASSERT_THAT(payloads, SizeIs(3));
  EXPECT_THAT(receive({payloads[0], payloads[0], payloads[1]}), IsEmpty());
  EXPECT_THAT(receive({payloads[2]}), SizeIs(1));
}

TEST_F(FeedJoinerTest, PartsThatWaitTenSecondsAreForgotten) {
  const auto payloads = pack({message(std::string(20'000, 'a'))});
  EXPECT_THAT(receive({payloads[0]}, SteadyPoint{}), IsEmpty());
  EXPECT_THAT(receive({payloads[1]}, SteadyPoint{9'999ms}), IsEmpty());
  EXPECT_THAT(receive({payloads[2]}, SteadyPoint{10s}), IsEmpty());
  EXPECT_EQ(joiner_.waiting(), 1U);  // the late one, alone
}

TEST_F(FeedJoinerTest, SendersThatNeverEndCannotFillTheMemory) {
  for (std::uint64_t event = 0; event < 1000; ++event)
    EXPECT_FALSE(joiner_.add("somebody", {event, 0, 2, "x"}, SteadyPoint{}));
  EXPECT_THAT(joiner_.waiting(), Le(17U));
  for (std::size_t part = 0; part < 1000; ++part)
    EXPECT_FALSE(joiner_.add("another", {1, part, 1024, std::string(7000, 'x')}, SteadyPoint{}));
  EXPECT_THAT(joiner_.waiting(), Le(17U));
}

TEST(FeedPayloadTest, ABareEventOfAForeignHandIsAnEvent) {
  const auto read = read_feed(R"({"type":"wake"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->from, "");
  EXPECT_THAT(read->events, ElementsAre(Json{{"type", "wake"}}));
}

TEST(FeedPayloadTest, WhatNoErrandWroteIsIgnored) {
  for (const char* garbage : {"",
                              "hello",
                              "{",
                              "[]",
                              "7",
                              "null",
                              "{}",
                              R"({"from":7})",
                              R"({"type":7})",
                              "\xff\xfe",
                              R"({"from":"x)"})
    EXPECT_FALSE(read_feed(garbage)) << garbage;
  for (const char* half : {R"({"from":"x"})",
                           R"({"from":"x","events":7})",
                           R"({"from":"x","events":[7,null,{"kind":"wake"}]})",
                           R"({"from":"x","part":{"event":1,"number":3,"of":3,"text":"x"}})",
                           R"({"from":"x","part":{"event":1,"number":0,"of":0,"text":"x"}})",
                           R"({"from":"x","part":{"event":1,"number":-1,"of":2,"text":"x"}})",
                           R"({"from":"x","part":{"event":1,"number":0,"of":999999,"text":"x"}})",
                           R"({"from":"x","part":{"event":1,"number":0,"of":2}})",
                           R"({"from":"x","ping":"pong"})"}) {
    const auto read = read_feed(half);
    ASSERT_TRUE(read) << half;
    EXPECT_THAT(read->events, IsEmpty()) << half;
    EXPECT_FALSE(read->part) << half;
    EXPECT_FALSE(read->ping) << half;
  }
}

TEST(FeedPayloadTest, DepthIsNoDanger) {
  const std::string deep =
      R"({"type":"wake","message":)" + std::string(3000, '[') + std::string(3000, ']') + "}";
  const auto read = read_feed(deep);
  ASSERT_TRUE(read);
  ASSERT_THAT(read->events, SizeIs(1));
  EXPECT_THAT(read->events.at(0).dump(), SizeIs(Le(200U)));
}

TEST(FeedPayloadTest, APingIsReadBack) {
  const auto read = read_feed(feed_ping(me, 7));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->from, me);
  EXPECT_EQ(read->ping, 7);
  EXPECT_THAT(read->events, IsEmpty());
}

}  // namespace
}  // namespace errand::sql
