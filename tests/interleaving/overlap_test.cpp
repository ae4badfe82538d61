// Two transactions at once: one has written and not committed yet when the other one comes, and
// waits for its lock, or passes it by. On PostgreSQL: on SQLite one writes at a time.

#include <future>

#include <gtest/gtest.h>

#include "interleaving/holding_connection.hpp"
#include "interleaving/scene.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

/// Steps that may meet in a state, and what leads to it.
struct Meeting {
  std::string name{};
  PreparedJob job{};
  std::vector<Step> before{};
  std::vector<Step> steps{};
  std::vector<Step> afterwards{};
  int waits_least{1};  ///< so many of the pairs wait for a lock
};

std::ostream& operator<<(std::ostream& out, const Meeting& meeting) {
  return out << meeting.name;
}

class Overlap : public ::testing::TestWithParam<Meeting> {
 protected:
  [[nodiscard]] bool waits_for_a_lock() {
    return session_.run(
               "SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid) "
               "WHERE NOT granted AND datname = current_database()") == "t";
  }

  template <typename Condition>
  void wait_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition())
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }

  static bool is_over(const std::future<void>& running) {
    return running.wait_for(0s) == std::future_status::ready;
  }

  /// The second begins when the first is about to commit, and the first goes on once the second
  /// waits for it or is done.
  void overlap(const Step& first, const Step& second) {
    gate_.close();
    auto held = std::async(std::launch::async, [&] { first.take(scene_, held_->jobs()); });
    wait_until([&] { return gate_.someone_waits() || is_over(held); });
    auto other = std::async(std::launch::async, [&] { second.take(scene_, other_->jobs()); });
    bool waits = false;
    wait_until([&] {
      waits = waits_for_a_lock();
      return waits || is_over(other);
    });
    waits_ += waits ? 1 : 0;
    gate_.open();
    held.get();
    other.get();
  }

  void play(const Step& first, const Step& second) {
    scene_.begin(GetParam().job);
    for (const Step& step : GetParam().before)
      step.take(scene_, scene_.jobs());
    overlap(first, second);
    for (const Step& step : GetParam().afterwards)
      step.take(scene_, scene_.jobs());
    ASSERT_EQ(scene_.verdict(), "") << first.name << " while " << second.name;
  }

  DatabaseHome home_{"postgresql"};
  Scene scene_{home_};
  PostgresSession session_{home_.url()};
  Gate gate_{};
  std::unique_ptr<Store> held_{home_.open_wrapped([this](auto connect) {
    return [this, connect]() -> std::unique_ptr<sql::Connection> {
      return std::make_unique<HoldingConnection>(connect(), gate_);
    };
  })};
  std::unique_ptr<Store> other_{open_store(home_.options())};
  int waits_{0};
};

TEST_P(Overlap, OfAnyTwoStepsIsLegal) {
  for (const Step& first : GetParam().steps)
    for (const Step& second : GetParam().steps) {
      play(first, second);
      if (HasFailure())
        return;
    }
  EXPECT_GE(waits_, GetParam().waits_least) << "they should have met";
}

std::vector<Meeting> meetings() {
  const PreparedJob job = work_job("a");
  const PreparedJob link = minutely("cron", TimePoint{std::chrono::seconds{1'700'000'000}});
  const std::vector<Step> rescuing{look(1), rescue(1)};
  return {
      {"OverAWaitingJob", job, {}, {claim(1), claim(2), cancel(), remove(), end_process(1)}, {}, 6},
      {"OverAJobThatNobodyKnows",
       job,
       {end_process(1), end_process(2)},
       {fail_unknown_types(), cancel(), remove()},
       {},
       4},
      {"OverARunningJob",
       job,
       {claim(1)},
       {record(1, "success", success()),
        record(1, "failure", failure(0ms)),
        record(1, "release", back_to_waiting()),
        cancel(),
        end_process(1),
        beat(1),
        remove(),
        claim(2)},
       {},
       12},
      {"OverAJobOfADeadWorker",
       job,
       {claim(1), end_process(1), look(1)},
       {rescue(1), record(1, "success", success()), cancel(), claim(2), claim(1)},
       {look(1), rescue(1)},
       5},
      {"OverADyingWorker", job, {}, {claim(1), end_process(1), beat(1)}, rescuing, 2},
      {"OverAFinishedJob",
       job,
       {claim(1), record(1, "failure", failure())},
       {retry(), remove(), clean(), cancel()},
       {},
       3},
      {"OverALinkOfACron",
       link,
       {claim(1)},
       {record_link(1), ensure_cron(), cancel(), record(1, "release", back_to_waiting())},
       {},
       3},
  };
}

INSTANTIATE_TEST_SUITE_P(Interleaving,
                         Overlap,
                         ::testing::ValuesIn(meetings()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
