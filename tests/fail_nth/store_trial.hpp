#pragma once

#include <gmock/gmock.h>

#include "fail_nth/scenarios.hpp"

namespace errand::testing {

/// One scenario under one kind of failure: the call is made, fails or not, and is made again. What
/// it leaves behind is compared with what it does when nothing fails.
class StoreTrial {
 public:
  StoreTrial(const std::string& kind, const Scenario& scenario)
      : bench_{kind}, scenario_{scenario} {
    prepare();
    before_ = bench_.digest();
    once_ = call([] {}, [] {});
    twice_ = call([] {}, [] {});
    EXPECT_TRUE(once_.answer && twice_.answer);
    if (scenario_.is_idempotent) {
      EXPECT_EQ(once_.state, twice_.state);
    }
  }

  [[nodiscard]] Bench& bench() { return bench_; }

  void prepare() {
    bench_.reset();
    scenario_.prepare(bench_);
  }

  /// Between `arm` and `disarm` the call fails as the test wants it. Returns whether it did.
  template <typename Arm, typename Disarm>
  bool run(Arm arm, Disarm disarm) {
    const Answered first = call(arm, disarm);
    check_first(first);
    check_repeat(first);
    EXPECT_EQ(open_transactions(), "0");
    return !first.answer;
  }

 private:
  struct Answered {
    std::optional<std::string> answer{};  ///< nothing: it failed
    std::string state{};
  };

  template <typename Arm, typename Disarm>
  [[nodiscard]] Answered call(Arm arm, Disarm disarm) {
    Answered answered;
    try {
      arm();
      answered.answer = scenario_.call(bench_, bench_.failing());
    } catch (const Error& error) {
      disarm();
      if (error.kind() == ErrorKind::conflict)
        answered.answer = "a conflict";
      else
        EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
    } catch (const std::bad_alloc&) {  // no answer, and nothing to say why
    }
    disarm();
    answered.state = bench_.digest();
    return answered;
  }

  void check_first(const Answered& first) {
    if (first.answer) {
      EXPECT_EQ(*first.answer, *once_.answer);
      EXPECT_EQ(first.state, once_.state) << "acknowledged, but not stored like that";
    } else if (!scenario_.in_steps) {
      EXPECT_THAT(first.state, ::testing::AnyOf(before_, once_.state)) << "half a transaction";
    }
  }

  void check_repeat(const Answered& first) {
    const bool was_done = first.state != before_;
    const Answered second = call([] {}, [] {});
    const Answered& expected = was_done ? twice_ : once_;
    ASSERT_TRUE(second.answer) << "the store does not recover";
    if (scenario_.in_steps) {
      EXPECT_EQ(second.state, once_.state);
      return;
    }
    EXPECT_EQ(second.state, expected.state);
    EXPECT_EQ(*second.answer, *expected.answer);
  }

  /// SQLite tells by letting the next one write at all.
  [[nodiscard]] std::string open_transactions() {
    if (!bench_.home().is_postgresql())
      return "0";
    return bench_.honest().database().with_transaction([](Transaction& tx) {
      return std::to_string(
          tx.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                   "xact_start IS NOT NULL AND backend_type = 'client backend' AND "
                   "pid <> pg_backend_pid()")
              .get<std::int64_t>(0, 0));
    });
  }

  Bench bench_;
  const Scenario& scenario_;
  std::string before_{};
  Answered once_{};
  Answered twice_{};
};

}  // namespace errand::testing
