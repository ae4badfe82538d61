#include <cmath>
#include <errand/job.hpp>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::chrono_literals;

constexpr int last_attempt = std::numeric_limits<int>::max();
constexpr milliseconds thirty_days = 720h;
const Json no_error = nullptr;

TEST(RetryPolicy, never_is_the_default_and_grants_nothing) {
  EXPECT_FALSE(RetryPolicy{}.delay_after(1, no_error, 0.5));
  EXPECT_FALSE(RetryPolicy::never().delay_after(1, no_error, 0.5));
  EXPECT_EQ(RetryPolicy::never().max_attempts(), 1);
}

TEST(RetryPolicy, backoff_doubles_until_the_longest_delay) {
  const auto policy =
      RetryPolicy::backoff({.first = 5s, .longest = 1min, .jitter = 0, .max_attempts = 0});
  const std::vector<milliseconds> expected{5s, 10s, 20s, 40s, 60s, 60s};
  for (std::size_t index = 0; index < expected.size(); ++index)
    EXPECT_EQ(policy.delay_after(static_cast<int>(index) + 1, no_error, 0.5), expected[index]);
}

TEST(RetryPolicy, backoff_ends_with_the_last_attempt) {
  const auto policy = RetryPolicy::backoff({.first = 1s, .max_attempts = 3});
  EXPECT_TRUE(policy.delay_after(2, no_error, 0.5));
  EXPECT_FALSE(policy.delay_after(3, no_error, 0.5));
  EXPECT_FALSE(policy.delay_after(last_attempt, no_error, 0.5));
  EXPECT_EQ(policy.max_attempts(), 3);
}

TEST(RetryPolicy, jitter_spreads_the_delay_to_both_sides_alike) {
  const auto policy = RetryPolicy::backoff({.first = 10s, .jitter = 0.1});
  EXPECT_EQ(policy.delay_after(1, no_error, 0.0), 9s);
  EXPECT_EQ(policy.delay_after(1, no_error, 0.5), 10s);
  EXPECT_EQ(policy.delay_after(1, no_error, 0.75), 10'500ms);
  EXPECT_EQ(policy.delay_after(1, no_error, 0.9999999), 11s);
}

TEST(RetryPolicy, full_jitter_reaches_from_nothing_to_twice_the_delay) {
  const auto policy = RetryPolicy::backoff({.first = 10s, .jitter = 1});
  EXPECT_EQ(policy.delay_after(1, no_error, 0.0), 0s);
  EXPECT_EQ(policy.delay_after(1, no_error, 1.0), 20s);
}

TEST(RetryPolicy, a_random_number_out_of_range_is_bounded) {
  const auto policy = RetryPolicy::backoff({.first = 10s, .jitter = 0.1});
  EXPECT_EQ(policy.delay_after(1, no_error, 7), 11s);
  EXPECT_EQ(policy.delay_after(1, no_error, -7), 9s);
  EXPECT_EQ(policy.delay_after(1, no_error, std::nan("")), 9s);
}

TEST(RetryPolicy, the_last_possible_attempt_saturates) {
  const auto endless = RetryPolicy::backoff({.first = 1ms,
                                             .factor = 1e300,
                                             .longest = milliseconds::max(),
                                             .jitter = 1,
                                             .max_attempts = 0});
  EXPECT_EQ(endless.delay_after(last_attempt, no_error, 0.99), thirty_days);
  EXPECT_EQ(endless.delay_after(2, no_error, 0.99), thirty_days);
}

TEST(RetryPolicy, an_hour_is_the_longest_delay_unless_said_otherwise) {
  const auto policy = RetryPolicy::backoff({.jitter = 0, .max_attempts = 0});
  EXPECT_EQ(policy.delay_after(1'000'000, no_error, 0.5), 1h);
}

TEST(RetryPolicy, a_factor_that_shrinks_ends_at_nothing) {
  const auto policy = RetryPolicy::backoff({.first = 1s, .factor = 0.5, .max_attempts = 0});
  EXPECT_EQ(policy.delay_after(last_attempt, no_error, 0.5), 0s);
}

TEST(RetryPolicy, nonsense_parameters_never_give_a_negative_delay) {
  const double nan = std::nan("");
  const std::vector<Backoff> nonsense{{.first = -5s},
                                      {.first = 0s, .factor = 1e308},
                                      {.factor = nan},
                                      {.factor = -3},
                                      {.longest = -1h},
                                      {.jitter = nan},
                                      {.jitter = -8},
                                      {.jitter = 8}};
  for (const Backoff& backoff : nonsense)
    for (const int attempt : {1, 2, 3, 9})
      for (const double random : {0.0, 0.5, 0.999}) {
        const auto delay = RetryPolicy::backoff(backoff).delay_after(attempt, no_error, random);
        ASSERT_TRUE(delay);
        EXPECT_GE(*delay, 0ms);
        EXPECT_LE(*delay, thirty_days);
      }
}

TEST(RetryPolicy, an_attempt_below_one_counts_as_the_first) {
  const auto policy = RetryPolicy::backoff({.first = 4s, .jitter = 0});
  EXPECT_EQ(policy.delay_after(0, no_error, 0.5), 4s);
  EXPECT_EQ(policy.delay_after(std::numeric_limits<int>::min(), no_error, 0.5), 4s);
}

TEST(RetryPolicy, always_after_has_one_delay_and_no_end) {
  const auto policy = RetryPolicy::always_after(90s);
  EXPECT_EQ(policy.max_attempts(), 0);
  for (const int attempt : {1, 2, 1000, last_attempt})
    EXPECT_EQ(policy.delay_after(attempt, no_error, 0.9), 90s);
}

TEST(RetryPolicy, always_after_a_negative_delay_is_at_once) {
  EXPECT_EQ(RetryPolicy::always_after(-1s).delay_after(1, no_error, 0.5), 0s);
}

TEST(RetryPolicy, a_function_sees_the_attempt_and_the_error) {
  const auto policy =
      RetryPolicy::custom([](int attempt, const Json& error) -> std::optional<milliseconds> {
        if (error.at("error") == "quota")
          return attempt * 1min;
        return std::nullopt;
      });
  EXPECT_EQ(policy.delay_after(3, {{"error", "quota"}}, 0.5), 3min);
  EXPECT_FALSE(policy.delay_after(3, {{"error", "other"}}, 0.5));
  EXPECT_TRUE(policy.is_custom());
  EXPECT_EQ(policy.max_attempts(), 0);
  EXPECT_FALSE(policy.parameters());
}

TEST(RetryPolicy, what_a_function_returns_is_bounded) {
  const auto returning = [](milliseconds delay) {
    return RetryPolicy::custom([delay](int, const Json&) { return std::optional{delay}; });
  };
  EXPECT_EQ(returning(-1ms).delay_after(1, no_error, 0.5), 0ms);
  EXPECT_EQ(returning(milliseconds::min()).delay_after(1, no_error, 0.5), 0ms);
  EXPECT_EQ(returning(milliseconds::max()).delay_after(1, no_error, 0.5), thirty_days);
}

TEST(RetryPolicy, an_exception_from_a_function_means_no_retry) {
  const auto throws = RetryPolicy::custom(
      [](int, const Json&) -> std::optional<milliseconds> { throw std::runtime_error{"no"}; });
  const auto throws_int =
      RetryPolicy::custom([](int, const Json&) -> std::optional<milliseconds> { throw 7; });
  EXPECT_FALSE(throws.delay_after(1, no_error, 0.5));
  EXPECT_FALSE(throws_int.delay_after(1, no_error, 0.5));
}

TEST(Outcome, carries_what_the_handler_said) {
  EXPECT_EQ(Outcome::success({{"width", 80}}).result(), Json({{"width", 80}}));
  EXPECT_EQ(Outcome::success().kind(), Outcome::Kind::success);
  EXPECT_TRUE(Outcome::success().result().is_null());
  EXPECT_EQ(Outcome::snooze(5min).kind(), Outcome::Kind::snooze);
  EXPECT_EQ(Outcome::snooze(5min).delay(), 5min);
  EXPECT_EQ(Outcome::snooze(-5min).delay(), 0min);
  EXPECT_EQ(Outcome::give_up("gone").kind(), Outcome::Kind::give_up);
  EXPECT_EQ(Outcome::give_up("gone").reason(), "gone");
}

}  // namespace
}  // namespace errand
