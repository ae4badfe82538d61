#include <gtest/gtest.h>

#include "jobs/job_json.hpp"
#include "support.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using jobs_test::at;
using jobs_test::refusal_of;
using testing::HasSubstr;

TEST(NewJobJson, every_field_is_read) {
  const NewJob job = new_job_from_json(Json::parse(R"({
    "tag": "t", "type": "x", "userId": 42, "data": {"a": 1}, "due": "10m", "queue": "mail",
    "priority": -5, "retry": {"first": "5s", "maxAttempts": 3}, "timeout": "1m",
    "onPendingTag": "replace", "uniqueKey": "u", "concurrencyKey": "c",
    "cronSchedule": "@daily", "timezone": "Europe/Berlin", "persistent": true,
    "removeDelay": 5000, "meta": {"m": 1}})"));
  EXPECT_EQ(job.tag, "t");
  EXPECT_EQ(job.type, "x");
  EXPECT_EQ(job.user_id, 42);
  EXPECT_EQ(job.data, Json({{"a", 1}}));
  EXPECT_EQ(job.due.delay(), 10min);
  EXPECT_EQ(job.queue, "mail");
  EXPECT_EQ(job.priority, -5);
  EXPECT_EQ(job.retry.value().parameters()->first, 5s);
  EXPECT_EQ(job.retry.value().max_attempts(), 3);
  EXPECT_EQ(job.timeout, 1min);
  EXPECT_EQ(job.on_pending_tag, OnPendingTag::replace);
  EXPECT_EQ(job.unique_key, "u");
  EXPECT_EQ(job.concurrency_key, "c");
  EXPECT_EQ(job.cron_schedule, "@daily");
  EXPECT_EQ(job.timezone, "Europe/Berlin");
  EXPECT_TRUE(job.persistent);
  EXPECT_EQ(job.remove_delay, 5s);
  EXPECT_EQ(job.meta, Json({{"m", 1}}));
}

TEST(NewJobJson, missing_fields_and_null_leave_the_defaults) {
  for (const Json& json :
       {Json::object(), Json::parse(R"({"tag":null,"data":null,"due":null,"queue":null,
                             "retry":null,"timeout":null,"onPendingTag":null,"meta":null})")}) {
    const NewJob job = new_job_from_json(json);
    EXPECT_EQ(job.tag, "");
    EXPECT_EQ(job.data, Json::object());
    EXPECT_EQ(job.due.delay(), 0s);
    EXPECT_FALSE(job.due.instant());
    EXPECT_FALSE(job.queue);
    EXPECT_FALSE(job.priority);
    EXPECT_FALSE(job.retry);
    EXPECT_FALSE(job.timeout);
    EXPECT_EQ(job.on_pending_tag, OnPendingTag::allow);
    EXPECT_TRUE(job.meta.is_null());
  }
}

TEST(NewJobJson, due_is_an_instant_too) {
  EXPECT_EQ(new_job_from_json({{"due", "2026-01-29T05:08:33.934Z"}}).due.instant(),
            at("2026-01-29T05:08:33.934Z"));
  EXPECT_EQ(new_job_from_json({{"due", "2026-01-29T06:08:33+01:00"}}).due.instant(),
            at("2026-01-29T05:08:33Z"));
}

TEST(NewJobJson, an_array_as_data_stays_an_array_of_one_level) {
  EXPECT_EQ(new_job_from_json({{"data", Json::array({1})}}).data, Json::array({1}));
}

TEST(NewJobJson, the_older_way_to_ask_for_retries_works) {
  const NewJob job = new_job_from_json(
      {{"autoRescheduleOnFailure", true}, {"autoRescheduleOnFailureDelay", 2500}});
  EXPECT_EQ(job.retry.value().delay_after(100, nullptr, 0.5), 2500ms);
  EXPECT_EQ(new_job_from_json({{"autoRescheduleOnFailure", true}})
                .retry.value()
                .delay_after(1, nullptr, 0.5),
            1s);
  EXPECT_FALSE(new_job_from_json({{"autoRescheduleOnFailureDelay", 2500}}).retry);
}

TEST(NewJobJson, both_ways_to_ask_for_retries_exclude_each_other) {
  EXPECT_EQ(refusal_of([] {
              static_cast<void>(new_job_from_json(
                  {{"autoRescheduleOnFailure", true}, {"retry", Json::object()}}));
            }).field,
            "retry");
}

TEST(NewJobJson, an_unknown_field_is_refused_with_the_known_ones) {
  const auto refusal = refusal_of([] { static_cast<void>(new_job_from_json({{"user_id", 1}})); });
  EXPECT_EQ(refusal.field, "user_id");
  EXPECT_THAT(refusal.message, HasSubstr("user_id is not a known field"));
  EXPECT_THAT(refusal.message, HasSubstr("tag, type, userId, data, due"));
}

struct Refused {
  std::string_view field{};
  Json value = nullptr;
  std::string_view why{};
};

TEST(NewJobJson, a_field_of_another_type_is_refused_by_name) {
  const std::vector<Refused> mistakes{
      {"tag", 7, "is a string, not number"},
      {"type", Json::array(), "is a string, not array"},
      {"userId", "42", "is a whole number, not string"},
      {"userId", 1.5, "is a whole number"},
      {"userId", 9007199254740993, "is not between"},
      {"userId", std::uint64_t{18446744073709551615U}, "is not between"},
      {"userId", -9007199254740993, "is not between"},
      {"due", 600, "is a string, not number"},
      {"due", "soon", "is an instant such as"},
      {"due", "2026-02-30T00:00:00Z", "is an instant such as"},
      {"queue", 1, "is a string"},
      {"priority", "high", "is a whole number"},
      {"priority", 3'000'000'000, "is not between"},
      {"retry", "always", "is a JSON object"},
      {"autoRescheduleOnFailure", "yes", "is true or false, not string"},
      {"autoRescheduleOnFailureDelay", "soon", "is a duration"},
      {"timeout", -1, "is a duration"},
      {"timeout", "-1s", "is a duration"},
      {"timeout", 1.5, "is a duration"},
      {"onPendingTag", "drop", "is one of allow, replace, keep"},
      {"persistent", 1, "is true or false, not number"},
      {"removeDelay", "forever", "is a duration"}};
  for (const auto& [field, value, why] : mistakes) {
    Json json = Json::object();
    json[std::string{field}] = value;
    const auto refusal = refusal_of([&] { static_cast<void>(new_job_from_json(json)); });
    EXPECT_EQ(refusal.kind, ErrorKind::invalid) << json;
    EXPECT_EQ(refusal.field, field) << json;
    EXPECT_THAT(refusal.message, HasSubstr(std::string{field} + " " + std::string{why})) << json;
  }
}

TEST(NewJobJson, what_is_no_object_is_refused) {
  for (const Json& json : {Json::array(), Json("x"), Json(nullptr)}) {
    const auto refusal = refusal_of([&] { static_cast<void>(new_job_from_json(json)); });
    EXPECT_THAT(refusal.message, HasSubstr("a job is a JSON object with the fields tag, type"));
  }
}

}  // namespace
}  // namespace errand
