#include <gtest/gtest.h>

#include "jobs/job_json.hpp"
#include "jobs/prepared_job.hpp"
#include "support.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using jobs_test::at;
using jobs_test::refusal_of;
using testing::HasSubstr;

constexpr auto do_nothing = [](JobContext&, const Json&) {
};

class Prepare : public testing::Test {
 protected:
  Prepare() {
    jobs_.add("plain", do_nothing);
    jobs_.add("rich",
              do_nothing,
              {.retry = RetryPolicy::backoff({.max_attempts = 4}),
               .timeout = 1min,
               .misfire = Misfire::all,
               .queue = "mail",
               .priority = 7,
               .persistent = true,
               .remove_delay = 2h});
  }

  [[nodiscard]] PreparedJob prepared(const NewJob& job) const { return prepare(job, jobs_, now_); }

  [[nodiscard]] std::string refused_field(NewJob job) const {
    if (job.type.empty())
      job.type = "plain";
    if (job.tag.empty())
      job.tag = "t";
    return refusal_of([&] { static_cast<void>(prepared(job)); }).field;
  }

  JobRegistry jobs_{};
  TimePoint now_{at("2026-03-10T10:20:00Z")};
};

TEST_F(Prepare, a_plain_submission_gets_the_plain_defaults) {
  const PreparedJob job = prepared({.tag = "t", .type = "plain"});
  EXPECT_EQ(job.tag, "t");
  EXPECT_EQ(job.type, "plain");
  EXPECT_EQ(job.data, "{}");
  EXPECT_EQ(job.queue, "default");
  EXPECT_EQ(job.priority, 0);
  EXPECT_EQ(job.max_attempts, 1);
  EXPECT_EQ(job.retry_policy, "");
  EXPECT_FALSE(job.auto_reschedule_delay);
  EXPECT_FALSE(job.timeout);
  EXPECT_FALSE(job.cron_slot);
  EXPECT_FALSE(job.persistent);
  EXPECT_EQ(job.meta, "");
  EXPECT_EQ(job.due.delay(), 0s);
}

TEST_F(Prepare, a_type_fills_in_what_the_submission_leaves_out) {
  const PreparedJob job = prepared({.tag = "t", .type = "rich"});
  EXPECT_EQ(job.queue, "mail");
  EXPECT_EQ(job.priority, 7);
  EXPECT_EQ(job.max_attempts, 4);
  EXPECT_EQ(job.retry_policy, "");
  EXPECT_EQ(job.timeout, 1min);
  EXPECT_EQ(job.misfire, Misfire::all);
  EXPECT_TRUE(job.persistent);
  EXPECT_EQ(job.remove_delay, 2h);
}

TEST_F(Prepare, a_submission_overrides_its_type) {
  const PreparedJob job = prepared({.tag = "t",
                                    .type = "rich",
                                    .user_id = 42,
                                    .data = {{"a", 1}},
                                    .due = 5min,
                                    .queue = "other",
                                    .priority = -1,
                                    .retry = RetryPolicy::backoff({.max_attempts = 9}),
                                    .timeout = 3s,
                                    .on_pending_tag = OnPendingTag::keep,
                                    .unique_key = "u",
                                    .concurrency_key = "c",
                                    .remove_delay = 1s,
                                    .meta = {{"m", 1}}});
  EXPECT_EQ(job.user_id, 42);
  EXPECT_EQ(job.data, R"({"a":1})");
  EXPECT_EQ(job.due.delay(), 5min);
  EXPECT_EQ(job.queue, "other");
  EXPECT_EQ(job.priority, -1);
  EXPECT_EQ(job.max_attempts, 9);
  EXPECT_EQ(retry_policy_from_text(job.retry_policy).value().max_attempts(), 9);
  EXPECT_EQ(job.timeout, 3s);
  EXPECT_EQ(job.on_pending_tag, OnPendingTag::keep);
  EXPECT_EQ(job.unique_key, "u");
  EXPECT_EQ(job.concurrency_key, "c");
  EXPECT_EQ(job.remove_delay, 1s);
  EXPECT_EQ(job.meta, R"({"m":1})");
}

TEST_F(Prepare, never_overrides_a_type_that_retries) {
  const PreparedJob job = prepared({.tag = "t", .type = "rich", .retry = RetryPolicy::never()});
  EXPECT_EQ(job.max_attempts, 1);
  EXPECT_FALSE(retry_policy_from_text(job.retry_policy).value().parameters());
}

TEST_F(Prepare, always_after_goes_into_its_own_columns) {
  const PreparedJob job =
      prepared({.tag = "t", .type = "plain", .retry = RetryPolicy::always_after(9s)});
  EXPECT_EQ(job.auto_reschedule_delay, 9s);
  EXPECT_EQ(job.retry_policy, "");
  EXPECT_EQ(job.max_attempts, 0);
}

TEST_F(Prepare, an_unknown_type_is_told_the_known_ones) {
  const auto refusal =
      refusal_of([&] { static_cast<void>(prepared({.tag = "t", .type = "plane"})); });
  EXPECT_EQ(refusal.kind, ErrorKind::not_found);
  EXPECT_EQ(refusal.field, "type");
  EXPECT_EQ(refusal.message,
            "there is no job type \"plane\": the registered types are plain, rich");
}

TEST_F(Prepare, a_registry_without_types_says_so) {
  EXPECT_THAT(refusal_of([&] {
                static_cast<void>(prepare({.tag = "t", .type = "x"}, JobRegistry{}, now_));
              }).message,
              HasSubstr("none is registered"));
}

TEST_F(Prepare, a_long_list_of_types_is_cut) {
  for (int index = 0; index < 30; ++index)
    jobs_.add("type" + std::to_string(index), do_nothing);
  EXPECT_THAT(refusal_of([&] { static_cast<void>(prepared({.tag = "t", .type = "x"})); }).message,
              HasSubstr("and 12 more"));
}

TEST_F(Prepare, tag_and_type_are_required) {
  EXPECT_EQ(refusal_of([&] { static_cast<void>(prepared({.type = "plain"})); }).field, "tag");
  EXPECT_EQ(refusal_of([&] { static_cast<void>(prepared({.tag = "t"})); }).field, "type");
}

TEST_F(Prepare, texts_have_limits) {
  EXPECT_EQ(refused_field({.tag = std::string(256, 'x')}), "");
  EXPECT_EQ(refused_field({.tag = std::string(257, 'x')}), "tag");
  EXPECT_EQ(refused_field({.tag = "\xFF"}), "tag");
  EXPECT_EQ(refused_field({.unique_key = std::string(257, 'x')}), "uniqueKey");
  EXPECT_EQ(refused_field({.concurrency_key = std::string{"a\0b", 3}}), "concurrencyKey");
}

TEST_F(Prepare, a_queue_has_a_plain_name) {
  EXPECT_EQ(refused_field({.queue = "a-b_c.d:E9"}), "");
  EXPECT_EQ(refused_field({.queue = std::string(128, 'q')}), "");
  for (const std::string& queue : {std::string{},
                                   std::string(129, 'q'),
                                   std::string{"a b"},
                                   std::string{"a/b"},
                                   std::string{"\xC3\xA9"}})
    EXPECT_EQ(refused_field({.queue = queue}), "queue") << queue;
}

TEST_F(Prepare, durations_are_not_negative) {
  EXPECT_EQ(refused_field({.timeout = -1ms}), "timeout");
  EXPECT_EQ(refused_field({.timeout = 0ms}), "");
  EXPECT_EQ(refused_field({.remove_delay = -1ms}), "removeDelay");
  EXPECT_EQ(refused_field({.remove_delay = milliseconds::max()}), "removeDelay");
}

TEST_F(Prepare, due_lies_within_a_century) {
  EXPECT_EQ(refused_field({.due = 36'525 * 24h}), "");
  EXPECT_EQ(refused_field({.due = 36'526 * 24h}), "due");
  EXPECT_EQ(refused_field({.due = at("2020-01-01T00:00:00Z")}), "");
  EXPECT_EQ(refused_field({.due = at("2200-01-01T00:00:00Z")}), "due");
  EXPECT_EQ(refused_field({.due = TimePoint::max()}), "due");
  EXPECT_EQ(refused_field({.due = TimePoint::min()}), "due");
  EXPECT_EQ(refused_field({.due = std::chrono::microseconds::min()}), "due");
}

TEST_F(Prepare, a_policy_that_cannot_be_stored_or_makes_no_sense_is_refused) {
  EXPECT_EQ(refused_field({.retry = RetryPolicy::custom([](int, const Json&) { return 1s; })}),
            "retry");
  EXPECT_EQ(refused_field({.retry = RetryPolicy::backoff({.jitter = 2})}), "retry.jitter");
}

TEST_F(Prepare, payload_and_meta_follow_the_rules_for_json) {
  EXPECT_EQ(refused_field({.data = "\xFF"}), "data");
  EXPECT_EQ(refused_field({.meta = {{"a", std::nan("")}}}), "meta");
  EXPECT_EQ(refused_field({.meta = Json::array()}), "meta");
}

TEST_F(Prepare, a_cron_starts_with_the_next_slot) {
  const PreparedJob job = prepared(
      {.tag = "t", .type = "plain", .cron_schedule = "0 0 3 * * *", .timezone = "Europe/Berlin"});
  EXPECT_EQ(job.cron_slot, at("2026-03-11T02:00:00Z"));
  EXPECT_EQ(job.due.instant(), at("2026-03-11T02:00:00Z"));
  EXPECT_EQ(job.cron_schedule, "0 0 3 * * *");
  EXPECT_EQ(job.timezone, "Europe/Berlin");
}

TEST_F(Prepare, a_cron_with_a_due_time_starts_then) {
  const PreparedJob delayed =
      prepared({.tag = "t", .type = "plain", .due = 5min, .cron_schedule = "@daily"});
  EXPECT_EQ(delayed.cron_slot, at("2026-03-10T10:25:00Z"));
  EXPECT_EQ(delayed.due.delay(), 5min);
  const PreparedJob dated = prepared(
      {.tag = "t", .type = "plain", .due = at("2026-05-01T00:00:00Z"), .cron_schedule = "@daily"});
  EXPECT_EQ(dated.cron_slot, at("2026-05-01T00:00:00Z"));
}

TEST_F(Prepare, a_bad_schedule_is_refused) {
  EXPECT_EQ(refused_field({.cron_schedule = "@never"}), "cronSchedule");
  EXPECT_EQ(refused_field({.cron_schedule = "0 0 30 2 *"}), "cronSchedule");
  EXPECT_EQ(refused_field({.cron_schedule = "@daily", .timezone = "Mars/Olympus"}), "timezone");
  EXPECT_EQ(refused_field({.timezone = "Europe/Berlin"}), "timezone");
}

TEST_F(Prepare, a_declared_cron_is_named_like_its_type) {
  jobs_.add("removeOldWorkerJobs",
            do_nothing,
            {.cron = "0 0 * * * *", .misfire = Misfire::skip, .persistent = true});
  const PreparedJob link = prepare_declared_cron(*jobs_.find("removeOldWorkerJobs"), now_);
  EXPECT_EQ(link.tag, "removeOldWorkerJobs");
  EXPECT_EQ(link.type, "removeOldWorkerJobs");
  EXPECT_EQ(link.cron_schedule, "0 0 * * * *");
  EXPECT_EQ(link.cron_slot, at("2026-03-10T11:00:00Z"));
  EXPECT_EQ(link.misfire, Misfire::skip);
  EXPECT_TRUE(link.persistent);
}

}  // namespace
}  // namespace errand
