// The plans of the statements that claim, whatever the planner was told last about the table.

#include <gmock/gmock.h>

#include "helpers/postgres_cluster.hpp"
#include "store/postgresql/plan_watch.hpp"
#include "store/postgresql/postgres_connection.hpp"
#include "store/statements.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* hold_values = "'default', 0, now(), '[\"work\"]', 10, '[]'";
constexpr const char* claim_values = "'default', 0, now(), '[\"work\"]', 10, '[]', 1";

/// Nobody analyses the table but the test.
class PostgresPlans : public ::testing::Test {
 protected:
  PostgresPlans() { session_.run("ALTER TABLE worker_jobs SET (autovacuum_enabled = off)"); }

  static std::string lines_of(Connection& connection, const std::string& sql) {
    std::int64_t changed = 0;
    const SqlRows rows = connection.run_text(sql, {}, changed);
    std::string text;
    for (std::size_t row = 0; row < rows.size(); ++row)
      text += rows.get<std::string>(row, 0) + "\n";
    return text;
  }

  std::string plan(Query query, const std::string& values) {
    PostgresConnection connection{server_};
    lines_of(connection, "SET plan_cache_mode = " + mode_);
    lines_of(connection,
             "PREPARE asked AS " + std::string{Statements::of_postgresql().text(query)});
    return lines_of(
        connection,
        "EXPLAIN (COSTS OFF) EXECUTE asked" + (values.empty() ? "" : "(" + values + ")"));
  }

  void expect_claims_to_read_in_their_order() {
    for (const auto& [query, values] :
         {std::pair{Query::waiting_heads, ""},
          std::pair{Query::next_due_after, "'default', 0, now()"},
          std::pair{Query::due_job_exists, "'default', 0, now(), '[\"work\"]'"},
          std::pair{Query::claim_jobs, claim_values},
          std::pair{Query::hold_jobs, hold_values}})
      EXPECT_THAT(plan(query, values),
                  AllOf(HasSubstr("using worker_jobs_waiting on"),
                        Not(HasSubstr("Seq Scan on worker_jobs")),
                        Not(HasSubstr("waiting_by_type"))))
          << name_of(query) << ", " << mode_;
  }

  void expect_plans() {
    for (const char* mode : {"force_generic_plan", "force_custom_plan"}) {
      mode_ = mode;
      expect_claims_to_read_in_their_order();
      for (const auto& [query, values] : {std::pair{Query::find_waiting_by_tag, "'t'"},
                                          std::pair{Query::unknown_type_jobs, "now(), 10"}})
        EXPECT_THAT(plan(query, values), HasSubstr("worker_jobs_waiting_by_type"))
            << name_of(query) << ", " << mode;
    }
  }

  void add_finished() {
    session_.run(
        "INSERT INTO worker_jobs (tag, type, started, finished, success) "
        "SELECT 't', 'work', now(), now(), true FROM generate_series(1, 20000)");
  }

  void add_waiting(int count) {
    session_.run(
        "INSERT INTO worker_jobs (tag, type) SELECT 't', 'work' FROM generate_series(1, " +
        std::to_string(count) + ")");
  }

  TemporaryPostgres postgres_{};
  PostgresSession session_{postgres_.url()};
  std::shared_ptr<PostgresServer> server_{
      std::make_shared<PostgresServer>(postgres_.url(), nullptr)};
  std::string mode_{};
};

TEST_F(PostgresPlans, AreTheRightOnesOfATableThatWasAnalysedWhileItWasEmpty) {
  session_.run("VACUUM ANALYZE worker_jobs");
  add_waiting(100'000);
  expect_plans();
}

TEST_F(PostgresPlans, AreTheRightOnesOfATableThatWasAnalysedWhileNothingWaited) {
  add_finished();
  session_.run("VACUUM ANALYZE worker_jobs");
  add_waiting(20000);
  expect_plans();
}

TEST_F(PostgresPlans, AreTheRightOnesOfATableThatWasAnalysedWhileManyWaited) {
  add_finished();
  add_waiting(20000);
  session_.run("VACUUM ANALYZE worker_jobs");
  expect_plans();
}

TEST_F(PostgresPlans, AreTheRightOnesOfANewTable) {
  expect_plans();
}

void ask(PostgresConnection& connection) {
  connection.run(Query::waiting_heads, {});
}

void ask_in_a_transaction(PostgresConnection& connection) {
  connection.begin();
  ask(connection);
  connection.commit();
}

TEST_F(PostgresPlans, OfATableThatWasEmptyAreMadeAnewWhenItHasGrown) {
  session_.run("VACUUM ANALYZE worker_jobs");
  PostgresConnection worker{server_};
  PostgresConnection idle_worker{server_};
  const std::string explain = "EXPLAIN (COSTS OFF) EXECUTE errand_waiting_heads";
  const auto plans = [&] {
    return lines_of(worker, explain) + lines_of(idle_worker, explain);
  };
  const auto ask_both = [&](int times) {
    for (int time = 0; time < times; ++time) {
      ask_in_a_transaction(worker);
      ask(idle_worker);
    }
  };
  ask_both(10);
  ASSERT_THAT(plans(), Not(HasSubstr("using worker_jobs_waiting on")));
  add_waiting(100'000);
  ASSERT_THAT(plans(), Not(HasSubstr("using worker_jobs_waiting on")));
  ask_both(2);
  EXPECT_THAT(plans(),
              AllOf(HasSubstr("using worker_jobs_waiting on"),
                    Not(HasSubstr("Seq Scan on worker_jobs"))));
}

TEST(PlanWatch, DoubtsPlansAfterASlowAnswerOnceASecond) {
  const PlanWatch::Clock::time_point start{1h};
  PlanWatch plans;
  plans.answered(start, start + 4ms);
  EXPECT_FALSE(plans.take_doubt(start));
  plans.answered(start, start + 5ms);
  EXPECT_TRUE(plans.take_doubt(start));
  EXPECT_FALSE(plans.take_doubt(start + 2s));
  plans.answered(start, start + 1min);
  EXPECT_TRUE(plans.take_doubt(start + 2s));
  plans.answered(start, start + 5ms);
  plans.answered(start, start + 1ms);
  EXPECT_FALSE(plans.take_doubt(start + 2s + 999ms));
  EXPECT_TRUE(plans.take_doubt(start + 3s));
}

}  // namespace
}  // namespace errand::sql
