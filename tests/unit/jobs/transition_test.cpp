#include "jobs/transition.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using jobs_test::at;
using To = Transition::To;

constexpr std::string_view hourly = "0 0 * * * *";

TimePoint now() {
  return at("2026-03-10T10:20:00Z");
}

enum class Policy { never, once_more, used_up, custom_no };

RetryPolicy make(Policy policy) {
  switch (policy) {
    case Policy::once_more:
      return RetryPolicy::backoff({.first = 5s, .jitter = 0, .max_attempts = 3});
    case Policy::used_up:
      return RetryPolicy::backoff({.first = 5s, .jitter = 0, .max_attempts = 2});
    case Policy::custom_no:
      return RetryPolicy::custom([](int, const Json&) { return std::nullopt; });
    default:
      return RetryPolicy::never();
  }
}

RunFacts facts_of(bool is_cron, int crash_count) {
  RunFacts facts;
  facts.attempt = 2;
  facts.crash_count = crash_count;
  if (is_cron) {
    facts.cron_schedule = hourly;
    facts.cron_slot = at("2026-03-10T10:00:00Z");
  }
  return facts;
}

RunResult result_of(RunEnd end) {
  RunResult result;
  result.end = end;
  if (end == RunEnd::succeeded)
    result.result = R"({"width":80})";
  else if (end != RunEnd::snoozed && end != RunEnd::released)
    result.error = {{"error", "it broke"}};
  result.snooze = 90s;
  return result;
}

/// What a run's end means, for a row that is or is not a cron, with or without a retry left.
struct Expected {
  RunEnd end{RunEnd::succeeded};
  To to{To::finished};
  JobState state{JobState::succeeded};
  std::string_view reason{};
  bool may_retry{false};
  milliseconds delay{0};
};

const std::vector<Expected>& table() {
  static const std::vector<Expected> rows{
      {RunEnd::succeeded, To::finished, JobState::succeeded, "", false, 0ms},
      {RunEnd::failed, To::finished, JobState::failed, "error", true, 0ms},
      {RunEnd::timed_out, To::finished, JobState::failed, "timed_out", true, 0ms},
      {RunEnd::gave_up, To::finished, JobState::failed, "gave_up", false, 0ms},
      {RunEnd::unknown_type, To::finished, JobState::failed, "unknown_type", false, 0ms},
      {RunEnd::cancelled, To::finished, JobState::cancelled, "cancelled", false, 0ms},
      {RunEnd::snoozed, To::scheduled, JobState::scheduled, "", false, 90s},
      {RunEnd::released, To::scheduled, JobState::scheduled, "", false, 0ms}};
  return rows;
}

void expect_row(const Expected& row, Policy policy, bool is_cron, int crash_count) {
  SCOPED_TRACE(testing::Message() << "end " << static_cast<int>(row.end) << ", policy "
                                  << static_cast<int>(policy) << ", cron " << is_cron
                                  << ", crashes " << crash_count);
  const Transition transition =
      decide(facts_of(is_cron, crash_count), result_of(row.end), make(policy), now(), 0.5);
  const bool retried = row.may_retry && policy == Policy::once_more;
  const bool finished = row.to == To::finished;
  EXPECT_EQ(transition.to, row.to);
  EXPECT_EQ(transition.state, row.state);
  EXPECT_EQ(transition.reason, row.reason);
  EXPECT_EQ(transition.delay, row.delay);
  EXPECT_EQ(transition.crash_count, crash_count);
  EXPECT_EQ(transition.retry_delay, retried ? std::optional<milliseconds>{10s} : std::nullopt);
  EXPECT_EQ(
      transition.next_slot,
      finished && is_cron && !retried ? std::optional{at("2026-03-10T11:00:00Z")} : std::nullopt);
}

TEST(Transition, every_end_with_every_policy_on_every_row_follows_the_table) {
  for (const Expected& row : table())
    for (const Policy policy :
         {Policy::never, Policy::once_more, Policy::used_up, Policy::custom_no})
      for (const bool is_cron : {false, true})
        for (const int crash_count : {0, 1, 2, 3})
          expect_row(row, policy, is_cron, crash_count);
}

TEST(Transition, a_crash_without_a_retry_runs_the_same_row_again_at_once) {
  for (const Policy policy : {Policy::never, Policy::used_up, Policy::custom_no})
    for (const bool is_cron : {false, true})
      for (const int crash_count : {0, 1}) {
        const Transition transition = decide(
            facts_of(is_cron, crash_count), result_of(RunEnd::crashed), make(policy), now(), 0.5);
        EXPECT_EQ(transition.to, To::scheduled);
        EXPECT_EQ(transition.delay, 0ms);
        EXPECT_EQ(transition.crash_count, crash_count + 1);
        EXPECT_FALSE(transition.retry_delay);
        EXPECT_FALSE(transition.next_slot);
      }
}

TEST(Transition, a_crash_with_a_retry_finishes_the_row_and_keeps_the_chain_in_the_retry) {
  for (const bool is_cron : {false, true})
    for (const int crash_count : {0, 1}) {
      const Transition transition = decide(facts_of(is_cron, crash_count),
                                           result_of(RunEnd::crashed),
                                           make(Policy::once_more),
                                           now(),
                                           0.5);
      EXPECT_EQ(transition.to, To::finished);
      EXPECT_EQ(transition.state, JobState::failed);
      EXPECT_EQ(transition.reason, "crashed");
      EXPECT_EQ(transition.crash_count, crash_count + 1);
      EXPECT_EQ(transition.retry_delay, 10s);
      EXPECT_FALSE(transition.next_slot);
    }
}

TEST(Transition, the_third_crash_is_poison_whatever_the_policy) {
  for (const Policy policy : {Policy::never, Policy::once_more, Policy::used_up, Policy::custom_no})
    for (const bool is_cron : {false, true})
      for (const int crash_count : {2, 3, 50}) {
        const Transition transition = decide(
            facts_of(is_cron, crash_count), result_of(RunEnd::crashed), make(policy), now(), 0.5);
        EXPECT_EQ(transition.to, To::finished);
        EXPECT_EQ(transition.state, JobState::failed);
        EXPECT_EQ(transition.reason, "crashed");
        EXPECT_EQ(transition.crash_count, crash_count + 1);
        EXPECT_FALSE(transition.retry_delay);
        EXPECT_EQ(transition.next_slot.has_value(), is_cron);
      }
}

TEST(Transition, a_result_is_stored_as_it_was_given) {
  EXPECT_EQ(decide({}, result_of(RunEnd::succeeded), RetryPolicy::never(), now(), 0.5).result,
            R"({"width":80})");
}

TEST(Transition, an_error_is_stored_as_json_text) {
  EXPECT_EQ(decide({}, result_of(RunEnd::failed), RetryPolicy::never(), now(), 0.5).result,
            R"({"error":"it broke"})");
}

TEST(Transition, a_failure_without_a_reason_says_so) {
  RunResult result;
  result.end = RunEnd::failed;
  const Transition transition = decide({}, result, RetryPolicy::never(), now(), 0.5);
  EXPECT_EQ(Json::parse(transition.result).at("error"), "no reason was given");
}

TEST(Transition, a_cancelled_row_stores_an_error_only_if_there_is_one) {
  RunResult quiet;
  quiet.end = RunEnd::cancelled;
  EXPECT_EQ(decide({}, quiet, RetryPolicy::never(), now(), 0.5).result, "");
  EXPECT_EQ(decide({}, result_of(RunEnd::cancelled), RetryPolicy::never(), now(), 0.5).result,
            R"({"error":"it broke"})");
}

TEST(Transition, a_snooze_is_never_negative_and_never_longer_than_a_century) {
  RunResult result;
  result.end = RunEnd::snoozed;
  result.snooze = -1h;
  EXPECT_EQ(decide({}, result, RetryPolicy::never(), now(), 0.5).delay, 0ms);
  result.snooze = milliseconds::max();
  EXPECT_EQ(decide({}, result, RetryPolicy::never(), now(), 0.5).delay, 36'525 * 24h);
}

TEST(Transition, the_policy_is_told_the_attempt_and_the_error) {
  int seen_attempt = 0;
  Json seen_error;
  const auto policy = RetryPolicy::custom([&](int attempt, const Json& error) {
    seen_attempt = attempt;
    seen_error = error;
    return std::optional<milliseconds>{7s};
  });
  const Transition transition =
      decide(facts_of(false, 0), result_of(RunEnd::failed), policy, now(), 0.5);
  EXPECT_EQ(seen_attempt, 2);
  EXPECT_EQ(seen_error, Json({{"error", "it broke"}}));
  EXPECT_EQ(transition.retry_delay, 7s);
}

TEST(Transition, the_policy_is_not_asked_when_no_retry_is_possible) {
  for (const RunEnd end : {RunEnd::succeeded,
                           RunEnd::gave_up,
                           RunEnd::snoozed,
                           RunEnd::released,
                           RunEnd::cancelled,
                           RunEnd::unknown_type}) {
    bool asked = false;
    const auto policy = RetryPolicy::custom([&](int, const Json&) {
      asked = true;
      return std::optional<milliseconds>{1s};
    });
    static_cast<void>(decide(facts_of(true, 0), result_of(end), policy, now(), 0.5));
    EXPECT_FALSE(asked);
  }
}

TEST(Transition, the_next_slot_follows_the_slot_of_the_run_not_its_end) {
  RunFacts facts = facts_of(true, 0);
  facts.cron_slot = at("2026-03-10T12:00:00Z");  // it was run ahead of its time
  EXPECT_EQ(decide(facts, result_of(RunEnd::succeeded), RetryPolicy::never(), now(), 0.5).next_slot,
            at("2026-03-10T13:00:00Z"));
}

TEST(Transition, a_cron_row_without_a_slot_counts_from_now) {
  RunFacts facts = facts_of(true, 0);
  facts.cron_slot.reset();
  EXPECT_EQ(decide(facts, result_of(RunEnd::succeeded), RetryPolicy::never(), now(), 0.5).next_slot,
            at("2026-03-10T11:00:00Z"));
}

TEST(Transition, missed_slots_follow_the_rows_misfire_rule_and_zone) {
  RunFacts facts = facts_of(true, 0);
  facts.cron_schedule = "0 0 3 * * *";
  facts.timezone = "Europe/Berlin";
  facts.cron_slot = at("2026-03-06T02:00:00Z");
  const auto next = [&](Misfire misfire) {
    facts.misfire = misfire;
    return decide(facts, result_of(RunEnd::succeeded), RetryPolicy::never(), now(), 0.5).next_slot;
  };
  EXPECT_EQ(next(Misfire::latest), at("2026-03-10T02:00:00Z"));
  EXPECT_EQ(next(Misfire::skip), at("2026-03-11T02:00:00Z"));
  EXPECT_EQ(next(Misfire::all), at("2026-03-07T02:00:00Z"));
}

TEST(Transition, a_schedule_that_is_none_ends_the_chain_and_not_the_worker) {
  RunFacts facts = facts_of(true, 0);
  facts.cron_schedule = "every now and then";
  const Transition transition =
      decide(facts, result_of(RunEnd::succeeded), RetryPolicy::never(), now(), 0.5);
  EXPECT_EQ(transition.state, JobState::succeeded);
  EXPECT_FALSE(transition.next_slot);
}

TEST(Transition, an_end_that_no_rule_covers_is_a_bug) {
  RunResult result;
  result.end = static_cast<RunEnd>(99);
  const auto refusal = jobs_test::refusal_of(
      [&] { static_cast<void>(decide({}, result, RetryPolicy::never(), now(), 0.5)); });
  EXPECT_EQ(refusal.kind, ErrorKind::bug);
}

}  // namespace
}  // namespace errand
