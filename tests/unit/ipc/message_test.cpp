#include "ipc/message.hpp"

#include <errand/error.hpp>

#include <gmock/gmock.h>

namespace errand::ipc {
namespace {

using ::testing::HasSubstr;

std::string line_of(const Message& message) {
  std::string line = encode(message);
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return line;
}

template <typename M>
M round_trip(const M& message) {
  const Message decoded = decode(line_of(message));
  EXPECT_TRUE(std::holds_alternative<M>(decoded)) << line_of(message);
  return std::get<M>(decoded);
}

std::string refusal(std::string_view line) {
  try {
    static_cast<void>(decode(line));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.what();
  }
  return "";
}

TEST(Message, IsSpelledAsTheContractSays) {
  EXPECT_EQ(Json::parse(line_of(Hello{1, "0.1.0", 7})),
            Json::parse(R"({"type":"hello","protocol":1,"version":"0.1.0","pid":7})"));
  EXPECT_EQ(Json::parse(line_of(WorkerStarted{7, 3})),
            Json::parse(R"({"type":"worker-started","pid":7,"process":3})"));
  EXPECT_EQ(Json::parse(line_of(WorkerShutdown{7, "recycled"})),
            Json::parse(R"({"type":"worker-shutdown","pid":7,"reason":"recycled"})"));
  EXPECT_EQ(Json::parse(line_of(WorkerError{"broken", 7})),
            Json::parse(R"({"type":"worker-error","error":"broken","pid":7})"));
  EXPECT_EQ(Json::parse(line_of(SendToUser{42, {{"type", "hello"}}})),
            Json::parse(R"({"type":"send-to-user","userId":42,"message":{"type":"hello"}})"));
  EXPECT_EQ(Json::parse(line_of(Broadcast{Json::array({1, 2})})),
            Json::parse(R"({"type":"broadcast","message":[1,2]})"));
  EXPECT_EQ(Json::parse(line_of(CancelJob{9})), Json::parse(R"({"type":"cancel-job","id":9})"));
  EXPECT_EQ(line_of(Wake{}), R"({"type":"wake"})");
  EXPECT_EQ(line_of(NodeLooked{true}), R"({"due":true,"type":"node-looked"})");
  EXPECT_EQ(line_of(Drain{}), R"({"type":"drain"})");
  EXPECT_EQ(line_of(Stop{}), R"({"type":"stop"})");
}

TEST(Message, SurvivesTheJourney) {
  const auto hello = round_trip(Hello{1, "0.1.0", 4711});
  EXPECT_EQ(hello.protocol, 1);
  EXPECT_EQ(hello.version, "0.1.0");
  EXPECT_EQ(hello.pid, 4711);
  EXPECT_EQ(round_trip(WorkerStarted{4711, 12}).process, 12);
  EXPECT_EQ(round_trip(WorkerShutdown{4711, "stopped"}).reason, "stopped");
  EXPECT_EQ(round_trip(WorkerError{"out of luck", 1}).error, "out of luck");
  EXPECT_EQ(round_trip(Heartbeat{123456}).rss_bytes, 123456);
  EXPECT_EQ(round_trip(SendToUser{42, "text"}).message, Json("text"));
  EXPECT_EQ(round_trip(SendToUser{-1, nullptr}).user_id, -1);
  EXPECT_EQ(round_trip(Broadcast{{{"a", 1}}}).message, Json({{"a", 1}}));
  EXPECT_EQ(round_trip(JobStarted{5, 42}).user_id, 42);
  EXPECT_EQ(round_trip(CancelJob{INT64_MAX}).id, INT64_MAX);
  round_trip(Wake{});
  EXPECT_FALSE(round_trip(NodeLooked{}).due);
  EXPECT_TRUE(round_trip(NodeLooked{true}).due);
  round_trip(Drain{});
  round_trip(Stop{});
}

TEST(Message, CarriesProgressAndEndsOfJobs) {
  const auto progress = round_trip(JobProgress{5, 42, {0.25, "a quarter"}});
  EXPECT_EQ(progress.id, 5);
  EXPECT_DOUBLE_EQ(progress.progress.done, 0.25);
  EXPECT_EQ(progress.progress.note, "a quarter");
  const auto finished = round_trip(JobFinished{{{{"id", 1}}, {{"id", 2}}}});
  ASSERT_EQ(finished.jobs.size(), 2U);
  EXPECT_EQ(finished.jobs[1].at("id"), 2);
  EXPECT_TRUE(round_trip(JobFinished{}).jobs.empty());
}

TEST(Message, OfOneJobStaysAListOfOneObject) {
  const auto finished = round_trip(JobFinished{{Json{{"id", 1}, {"tag", "t"}}}});
  ASSERT_EQ(finished.jobs.size(), 1U);
  EXPECT_TRUE(finished.jobs[0].is_object());
}

TEST(Message, OfAnUnknownTypeKeepsItsName) {
  const Message message = decode(R"({"type":"from-the-future","x":1})");
  ASSERT_TRUE(std::holds_alternative<Unknown>(message));
  EXPECT_EQ(std::get<Unknown>(message).type, "from-the-future");
}

TEST(Message, MayCarryFieldsThisVersionDoesNotKnow) {
  EXPECT_TRUE(std::holds_alternative<Wake>(decode(R"({"type":"wake","urgency":9})")));
  const auto started = std::get<WorkerStarted>(decode(R"({"type":"worker-started","pid":5})"));
  EXPECT_EQ(started.process, 0);
}

TEST(Message, WithBytesThatAreNotUtf8IsSentWithReplacements) {
  const auto error = round_trip(WorkerError{"bad \xff byte", 1});
  EXPECT_EQ(error.error, "bad \xEF\xBF\xBD byte");
}

TEST(Message, WithLineBreaksStaysOneLine) {
  EXPECT_EQ(round_trip(WorkerError{"a\nb\r\n", 1}).error, "a\nb\r\n");
}

TEST(Message, OverOneMebibyteIsRefusedBeforeItIsSent) {
  EXPECT_NO_THROW(static_cast<void>(encode(SendToUser{1, std::string(line_bytes_max - 100, 'x')})));
  EXPECT_THROW(static_cast<void>(encode(SendToUser{1, std::string(line_bytes_max, 'x')})), Error);
}

TEST(Message, AsLargeAsAllowedFitsWithItsNewline) {
  const std::size_t frame = encode(WorkerError{}).size();
  EXPECT_EQ(encode(WorkerError{std::string(line_bytes_max - frame, 'x')}).size(), line_bytes_max);
  EXPECT_THROW(static_cast<void>(encode(WorkerError{std::string(line_bytes_max - frame + 1, 'x')})),
               Error);
}

TEST(Message, TooDeepIsRefusedOnBothSides) {
  Json deep = 1;
  for (int i = 0; i < 200; ++i)
    deep = Json::array({std::move(deep)});
  EXPECT_THROW(static_cast<void>(encode(Broadcast{deep})), Error);
  const std::string line = R"({"type":"broadcast","message":)" + std::string(500'000, '[');
  EXPECT_THAT(refusal(line), HasSubstr("levels"));
  EXPECT_EQ(refusal(R"({"type":"worker-error","error":")" + std::string(500, '[') + "\"}"), "");
}

class MalformedLine : public ::testing::TestWithParam<const char*> {};

TEST_P(MalformedLine, IsRefused) {
  EXPECT_NE(refusal(GetParam()), "") << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Lines,
    MalformedLine,
    ::testing::Values("",
                      " ",
                      "x",
                      "{",
                      "{}",
                      "[]",
                      "null",
                      "17",
                      R"("wake")",
                      R"([{"type":"wake"}])",
                      R"({"type":null})",
                      R"({"type":7})",
                      R"({"type":"wake"}{"type":"wake"})",
                      R"({"type":"wake"} x)",
                      R"({"type":"hello","protocol":"1"})",
                      R"({"type":"hello","protocol":-1})",
                      R"({"type":"hello","protocol":99999999999})",
                      R"({"type":"worker-started","pid":1.5})",
                      R"({"type":"worker-started","pid":18446744073709551615})",
                      R"({"type":"worker-started","pid":1e400})",
                      R"({"type":"worker-shutdown","pid":1,"reason":{}})",
                      R"({"type":"send-to-user","userId":1})",
                      R"({"type":"send-to-user","userId":"1","message":{}})",
                      R"({"type":"broadcast"})",
                      R"({"type":"cancel-job"})",
                      R"({"type":"cancel-job","id":0})",
                      R"({"type":"cancel-job","id":true})",
                      R"({"type":"job-progress","id":1,"userId":1})",
                      R"({"type":"job-progress","id":1,"progress":{}})",
                      R"({"type":"job-progress","id":1,"progress":{"done":"x"}})",
                      R"({"type":"job-finished"})",
                      R"({"type":"job-finished","jobs":{}})",
                      R"({"type":"job-finished","jobs":[1]})",
                      "{\"type\":\"wake\xff\"}"));

TEST(MalformedLine, NamesTheFieldAtFaultAndNotItsValue) {
  const std::string why = refusal(R"({"type":"worker-started","pid":"hunter2"})");
  EXPECT_THAT(why, HasSubstr("pid"));
  EXPECT_THAT(why, ::testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace errand::ipc
