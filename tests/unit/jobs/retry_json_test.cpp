#include <gtest/gtest.h>

#include "jobs/job_json.hpp"
#include "jobs/policy_of.hpp"
#include "jobs/retry_rules.hpp"
#include "support.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using jobs_test::refusal_of;
using testing::HasSubstr;

void expect_equal(const RetryPolicy& actual, const RetryPolicy& expected) {
  ASSERT_EQ(actual.parameters().has_value(), expected.parameters().has_value());
  if (!expected.parameters())
    return;
  EXPECT_EQ(actual.parameters()->first, expected.parameters()->first);
  EXPECT_EQ(actual.parameters()->factor, expected.parameters()->factor);
  EXPECT_EQ(actual.parameters()->longest, expected.parameters()->longest);
  EXPECT_EQ(actual.parameters()->jitter, expected.parameters()->jitter);
  EXPECT_EQ(actual.parameters()->max_attempts, expected.parameters()->max_attempts);
}

TEST(RetryText, a_policy_survives_the_column) {
  for (const RetryPolicy& policy :
       {RetryPolicy::never(),
        RetryPolicy::always_after(7s),
        RetryPolicy::backoff({}),
        RetryPolicy::backoff(
            {.first = 250ms, .factor = 1.7, .longest = 48h, .jitter = 0.25, .max_attempts = 0})}) {
    const auto read = retry_policy_from_text(retry_policy_text(policy));
    ASSERT_TRUE(read);
    expect_equal(*read, policy);
  }
}

TEST(RetryText, a_function_has_no_text_and_no_text_is_no_policy) {
  EXPECT_EQ(retry_policy_text(RetryPolicy::custom([](int, const Json&) { return 1s; })), "");
  EXPECT_FALSE(retry_policy_from_text(""));
}

TEST(RetryText, text_that_is_no_policy_reads_as_nothing) {
  for (const std::string_view text :
       {"{", "[]", "never", R"({"first":"soon"})", R"({"factor":0})", R"({"extra":1})"})
    EXPECT_FALSE(retry_policy_from_text(text)) << text;
}

TEST(RetryJson, durations_are_text_or_milliseconds) {
  const Json json{
      {"first", "5s"}, {"longest", 60'000}, {"factor", 3}, {"jitter", 0}, {"maxAttempts", 4}};
  expect_equal(retry_from_json(json, "retry"),
               RetryPolicy::backoff(
                   {.first = 5s, .factor = 3, .longest = 1min, .jitter = 0, .max_attempts = 4}));
}

TEST(RetryJson, what_is_left_out_has_the_usual_value) {
  expect_equal(retry_from_json(Json::object(), "retry"), RetryPolicy::backoff({}));
}

TEST(RetryJson, one_attempt_is_never) {
  EXPECT_FALSE(retry_from_json({{"maxAttempts", 1}}, "retry").parameters());
}

struct Refused {
  Json json = nullptr;
  std::string_view field{};
};

TEST(RetryJson, a_mistake_names_its_field) {
  const std::vector<Refused> mistakes{{{{"first", -1}}, "retry.first"},
                                      {{{"first", true}}, "retry.first"},
                                      {{{"longest", "soon"}}, "retry.longest"},
                                      {{{"factor", 0.5}}, "retry.factor"},
                                      {{{"factor", "2"}}, "retry.factor"},
                                      {{{"jitter", 1.5}}, "retry.jitter"},
                                      {{{"jitter", -0.5}}, "retry.jitter"},
                                      {{{"maxAttempts", -1}}, "retry.maxAttempts"},
                                      {{{"maxAttempts", 2.5}}, "retry.maxAttempts"},
                                      {{{"maxAttempts", 1e10}}, "retry.maxAttempts"},
                                      {{{"maxAttempts", 9999999999}}, "retry.maxAttempts"},
                                      {{{"tries", 3}}, "retry.tries"},
                                      {Json::array(), "retry"},
                                      {Json("always"), "retry"}};
  for (const Refused& mistake : mistakes) {
    const auto refusal =
        refusal_of([&] { static_cast<void>(retry_from_json(mistake.json, "retry")); });
    EXPECT_EQ(refusal.kind, ErrorKind::invalid) << mistake.json;
    EXPECT_EQ(refusal.field, mistake.field) << mistake.json;
  }
}

TEST(RetryRules, parameters_that_make_no_sense_are_refused) {
  const auto field_of = [](Backoff backoff) {
    return refusal_of([&] { check_retry(RetryPolicy::backoff(backoff), "retry"); }).field;
  };
  EXPECT_EQ(field_of({.first = -1s}), "retry.first");
  EXPECT_EQ(field_of({.longest = -1s}), "retry.longest");
  EXPECT_EQ(field_of({.factor = std::nan("")}), "retry.factor");
  EXPECT_EQ(field_of({.jitter = std::nan("")}), "retry.jitter");
  EXPECT_EQ(field_of({.max_attempts = -1}), "retry.maxAttempts");
  EXPECT_EQ(field_of({}), "");
}

TEST(RetryRules, only_always_after_has_a_constant_delay) {
  EXPECT_EQ(constant_delay(RetryPolicy::always_after(9s)), 9s);
  EXPECT_FALSE(constant_delay(RetryPolicy::never()));
  EXPECT_FALSE(constant_delay(RetryPolicy::backoff({})));
  EXPECT_FALSE(constant_delay(RetryPolicy::backoff(
      {.first = 1s, .factor = 1, .longest = 1s, .jitter = 0, .max_attempts = 5})));
}

class PolicyOf : public testing::Test {
 protected:
  PolicyOf() {
    jobs_.add("patient",
              [](JobContext&, const Json&) {},
              {.retry = RetryPolicy::backoff({.first = 1min, .jitter = 0})});
  }

  std::optional<milliseconds> delay(std::string_view text,
                                    std::optional<milliseconds> reschedule,
                                    std::string_view type) const {
    return policy_of(text, reschedule, jobs_, type).delay_after(1, nullptr, 0.5);
  }

  JobRegistry jobs_{};
};

TEST_F(PolicyOf, the_rows_own_policy_comes_first) {
  EXPECT_EQ(delay(R"({"first":2000,"jitter":0})", 9s, "patient"), 2s);
  EXPECT_FALSE(delay(R"({"maxAttempts":1})", std::nullopt, "patient"));
}

TEST_F(PolicyOf, then_the_constant_delay) {
  EXPECT_EQ(delay("", 9s, "patient"), 9s);
}

TEST_F(PolicyOf, then_the_types) {
  EXPECT_EQ(delay("", std::nullopt, "patient"), 1min);
  EXPECT_EQ(delay("not a policy", std::nullopt, "patient"), 1min);
}

TEST_F(PolicyOf, an_unknown_type_is_never_retried) {
  EXPECT_FALSE(delay("", std::nullopt, "unheard"));
}

}  // namespace
}  // namespace errand
