// What is pure, without memory: it throws, keeps nothing, and gives the right answer the next time.

#include <gmock/gmock.h>

#include "fail_nth/failing_new.hpp"
#include "ipc/frame.hpp"
#include "ipc/message.hpp"
#include "jobs/cron.hpp"
#include "jobs/job_json.hpp"
#include "jobs/payload.hpp"
#include "jobs/prepared_job.hpp"
#include "jobs/transition.hpp"
#include "server/target.hpp"
#include "server/websocket_messages.hpp"

namespace errand::testing {
namespace {

constexpr const char* submission =
    R"({"tag":"a tag that is longer than a small string","type":"resize","userId":7,
        "data":{"picture":"holiday.png","sizes":[100,200,{"width":300}]},"queue":"pictures",
        "retry":{"first":"5s","factor":2,"longest":"1m","jitter":0.1,"maxAttempts":4},
        "cronSchedule":"0 30 8 * * mon-fri","timezone":"Europe/Berlin","meta":{"from":"the test"}})";

Job some_job() {
  Job job;
  job.id = 7;
  job.tag = "a tag that is longer than a small string";
  job.type = "resize";
  job.data = Json::parse(R"({"sizes":[1,2,3],"name":"a name that is rather long as well"})");
  return job;
}

const ipc::Message all_kinds[] = {
    ipc::Hello{1, "a version that is longer than a small string", 3},
    ipc::WorkerError{"an error that is longer than a small string", 4},
    ipc::SendToUser{7, {{"text", "a text that is longer than a small string"}}},
    ipc::JobProgress{1, 2, {0.5, "a note that is longer than a small string"}},
    ipc::JobFinished{{to_json(some_job()), to_json(some_job())}},
    ipc::CancelJob{4}};

struct Value {
  std::string name{};
  std::function<std::string()> make{};  ///< what it is, as text
  /// nlohmann's constructor from a list keeps what it has built when memory runs out in the midst.
  bool is_json{false};
};

std::ostream& operator<<(std::ostream& out, const Value& value) {
  return out << value.name;
}

std::string prepare_text() {
  static const JobRegistry registry = [] {
    JobRegistry jobs;
    jobs.add("resize", [](JobContext&, const Json&) {});
    return jobs;
  }();
  const PreparedJob job = prepare(
      new_job_from_json(Json::parse(submission)), registry, TimePoint{std::chrono::hours{1}});
  return job.tag + job.data + job.retry_policy + job.meta;
}

/// What came over the line is sent on.
std::string encoded_twice(const ipc::Message& message) {
  std::string line = ipc::encode(message);
  line.pop_back();  // its newline
  return ipc::encode(ipc::decode(line));
}

std::string messages_text() {
  std::string text;
  for (const ipc::Message& message : all_kinds)
    text += encoded_twice(message);
  return text;
}

std::string lines_text() {
  ipc::LineSplitter splitter{1000};
  std::string lines;
  for (const char* piece : {"a line that comes in two", " pieces\nand", " another one\n"}) {
    splitter.feed(piece);
    while (const auto line = splitter.next())
      lines += std::string{*line} + '|';
  }
  return lines;
}

std::string target_text() {
  const auto target = parse_target("/api/jobs/a%20rather%20long%20segment?state=failed&limit=100");
  return target->path + target->query.at("state") + target->query.at("limit");
}

std::string register_text() {
  return parse_register(
             R"({"type":"register","jwtToken":"a token that is longer than a small string"})")
      ->token;
}

std::string transition_text() {
  const RunFacts facts{1, 0, "0 30 8 * * mon-fri", "Europe/Berlin", Misfire::latest, TimePoint{}};
  const RunResult result{.end = RunEnd::failed, .error = {{"error", "a rather long error text"}}};
  const auto once = decide(facts, result, RetryPolicy::never(), TimePoint{}, 0);
  const auto again =
      decide(facts, result, RetryPolicy::always_after(std::chrono::seconds{5}), TimePoint{}, 0);
  return once.result + std::to_string(once.next_slot->time_since_epoch().count()) + again.result +
         std::to_string(again.retry_delay->count());
}

class WithoutMemory : public ::testing::TestWithParam<Value> {};

TEST_P(WithoutMemory, ThrowsAndKeepsNothing) {
  const auto& make = GetParam().make;
  const std::string expected = make();  // and what is loaded once and kept is loaded now
  std::int64_t before = 0;
  std::string made;
  const int allocations = for_every_allocation(
      [&] {
        made.clear();
        made.shrink_to_fit();
        before = FailingNew::outstanding();
      },
      [&] { static_cast<void>(make()); },
      [&](int nth) {
        if (!GetParam().is_json) {
          EXPECT_EQ(FailingNew::outstanding(), before) << "allocation " << nth << " is leaked";
        }
        EXPECT_EQ(make(), expected) << nth;
      });
  EXPECT_GE(allocations, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Values,
    WithoutMemory,
    ::testing::Values(Value{"PreparedSubmission", prepare_text, true},
                      Value{"CheckedPayload",
                            [] {
                              return parse_payload(
                                         R"({"a":["a text that is rather long",{"b":1}]})", "data")
                                  .dump();
                            }},
                      Value{"JobAsJson", [] { return to_json(some_job()).dump(); }, true},
                      Value{"IpcMessages", messages_text, true},
                      Value{"IpcLines", lines_text},
                      Value{"RequestTarget", target_text},
                      Value{"RegisterMessage", register_text},
                      Value{"Transition", transition_text, true}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
