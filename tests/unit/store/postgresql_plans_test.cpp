// The plans of the statements that claim, whatever the planner was told last about the table.

#include <chrono>
#include <thread>

#include <gmock/gmock.h>

#include "helpers/error_of.hpp"
#include "helpers/postgres_cluster.hpp"
#include "store/postgresql/postgres_connection.hpp"
#include "store/statements.hpp"
#include "store/submission.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* hold_values = "'default', 0, now(), '[\"work\"]', 10, '[]', now(), 1";
constexpr const char* claim_values = "'default', 0, now(), '[\"work\"]', 10, '[]', now(), 1, 1";
constexpr const char* hold_many_values =
    "'[{\"head_queue\":\"default\",\"head_priority\":0,\"head_due\":0,\"head_id\":1}]', now(), "
    "'[\"work\"]', 10, '[]'";
constexpr const char* claim_many_values =
    "'[{\"head_queue\":\"default\",\"head_priority\":0,\"head_due\":0,\"head_id\":1}]', now(), "
    "'[\"work\"]', 10, '[]', 1";
constexpr const char* held_values = "'{1,2}', '{1,1}', '{now,now}', '{1,1}'";
constexpr const char* finished_values =
    "'{1,2}', '{1,1}', '{t,t}', '{a,a}', '{a,a}', '{1,1}', '{0,0}', '{1,1}', '{1,1}', now()";
constexpr const char* held_finished_values =
    "'{1,2}', '{1,1}', '{t,t}', '{a,a}', '{a,a}', '{1,1}', '{0,0}', '{1,1}', '{1,1}', '{now,now}', "
    "'{null,null}', now()";

constexpr const char* held_set_values =
    "'[1,2]', 1, true, 'a', 'a', 'null', 0, 1, 1, now(), null, now()";

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
         {std::pair{Query::next_due_after, "'default', 0, now()"},
          std::pair{Query::due_job_exists, "'default', 0, now(), '[\"work\"]', now(), 1"},
          std::pair{Query::claim_jobs, claim_values},
          std::pair{Query::hold_jobs, hold_values},
          std::pair{Query::claim_jobs_of_many, claim_many_values},
          std::pair{Query::hold_jobs_of_many, hold_many_values}})
      EXPECT_THAT(plan(query, values),
                  AllOf(HasSubstr("using worker_jobs_waiting on"),
                        Not(HasSubstr("Seq Scan on worker_jobs")),
                        Not(HasSubstr("Sort Key: worker_jobs")),
                        Not(HasSubstr("waiting_by_type"))))
          << name_of(query) << ", " << mode_;
    for (const auto& [query, values] : {std::pair{Query::claim_jobs, claim_values},
                                        std::pair{Query::hold_jobs, hold_values},
                                        std::pair{Query::claim_jobs_of_many, claim_many_values},
                                        std::pair{Query::hold_jobs_of_many, hold_many_values}})
      EXPECT_THAT(plan(query, values), HasSubstr("AND (ROW(due, id) >= ROW("))
          << "begins at the head: " << name_of(query) << ", " << mode_;
  }

  void expect_rows_to_be_found_by_id() {
    for (const auto& [query, values] : {std::pair{Query::claim_jobs, claim_values},
                                        std::pair{Query::claim_jobs_of_many, claim_many_values},
                                        std::pair{Query::start_held, held_values},
                                        std::pair{Query::record_held_many, held_finished_values},
                                        std::pair{Query::record_held_set, held_set_values},
                                        std::pair{Query::record_finished_many, finished_values},
                                        std::pair{Query::supersede_waiting, "'t', now(), 1"},
                                        std::pair{Query::remove_old_jobs, "now(), 1, 10"},
                                        std::pair{Query::copied_ids, "1, 10"}})
      EXPECT_THAT(plan(query, values),
                  AllOf(HasSubstr("Index Cond: (id = "), Not(HasSubstr("Seq Scan on worker_jobs"))))
          << name_of(query) << ", " << mode_;
  }

  void expect_claims_to_be_found_by_their_process() {
    for (const auto& [query, values] : {std::pair{Query::held_claims, "1"},
                                        std::pair{Query::claims_of_process, "1"},
                                        std::pair{Query::dead_processes_with_claims, ""}})
      EXPECT_THAT(plan(query, values), HasSubstr("worker_jobs_claimed"))
          << name_of(query) << ", " << mode_;
  }

  void expect_plans() {
    for (const char* mode : {"force_generic_plan", "force_custom_plan"}) {
      mode_ = mode;
      expect_claims_to_read_in_their_order();
      expect_rows_to_be_found_by_id();
      expect_claims_to_be_found_by_their_process();
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
    session_.run("INSERT INTO worker_jobs (tag, type) SELECT 't', 'work' FROM generate_series(1, " +
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

/// The index has many pages, of which none is in use.
TEST_F(PostgresPlans, AreTheRightOnesOfATableThatWasAnalysedWhenManyHadRun) {
  add_waiting(100'000);
  session_.run("UPDATE worker_jobs SET started = now(), finished = now(), success = true");
  session_.run("VACUUM ANALYZE worker_jobs");
  expect_plans();
}

TEST_F(PostgresPlans, AreTheRightOnesOfATableThatWasAnalysedBeforeItsRowsWereCommitted) {
  PostgresSession submission{postgres_.url()};
  submission.run("BEGIN");
  submission.run(
      "INSERT INTO worker_jobs (tag, type) SELECT 't', 'work' FROM generate_series(1, 100000)");
  session_.run("VACUUM ANALYZE worker_jobs");
  submission.run("COMMIT");
  expect_plans();
}

/// Where many rows have come and gone, an index that only has the right order may seem to cost as
/// little.
TEST_F(PostgresPlans, OfClaimsHaveNoOtherIndexToReadInOrder) {
  session_.run("DROP INDEX worker_jobs_claimed");
  mode_ = "force_generic_plan";
  for (const auto& [query, values] : {std::pair{Query::held_claims, "1"},
                                      std::pair{Query::claims_of_process, "1"},
                                      std::pair{Query::running_jobs_of, "1, 10"}})
    EXPECT_THAT(plan(query, values), HasSubstr("Seq Scan on worker_jobs")) << name_of(query);
}

TEST_F(PostgresPlans, AreTheRightOnesOfANewTable) {
  expect_plans();
}

void ask(PostgresConnection& connection) {
  static_cast<void>(
      connection.select_integer(Query::next_due_after, "default", 0, connection.now()));
}

void ask_in_a_transaction(PostgresConnection& connection) {
  connection.begin();
  ask(connection);
  connection.commit();
}

/// One seek of the index each, whatever the planner knew: else each of them reads the table.
TEST_F(PostgresPlans, OfManyHeadsReadInOrderAlthoughTheyWereMadeWhileTheTableWasEmpty) {
  session_.run("VACUUM ANALYZE worker_jobs");
  PostgresConnection worker{server_};
  worker.run(Query::waiting_heads, {});
  session_.run(
      "INSERT INTO worker_jobs (tag, type, queue) SELECT 't', 'work', 'queue' || number % 500"
      " FROM generate_series(1, 20000) AS number");
  const std::string text =
      lines_of(worker, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE errand_waiting_heads");
  const auto at = text.find("shared hit=");
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_LT(std::stoi(text.substr(at + 11)), 500 * 10) << text;
}

TEST_F(PostgresPlans, GoByIndexesButForTheProgramsStatements) {
  PostgresConnection connection{server_};
  const std::string question =
      "SELECT current_setting('enable_seqscan') || current_setting('enable_bitmapscan')"
      " || current_setting('jit')";
  const std::string servers = session_.run(question) + "\n";
  EXPECT_EQ(lines_of(connection, question), "offoffoff\n");
  connection.begin();
  EXPECT_EQ(lines_of(connection, question), servers) << "the program asks, in its transaction";
  connection.commit();
  EXPECT_EQ(lines_of(connection, question), "offoffoff\n");
}

/// A scan of the table for each of a thousand ids would be the first slow answer, and take for
/// ever.
TEST_F(PostgresPlans, OfRowsThatAreKnownReadNoTableAlthoughItWasEmptyThen) {
  session_.run("VACUUM ANALYZE worker_jobs");
  mode_ = "force_generic_plan";
  for (const auto& [query, values] : {std::pair{Query::start_held, held_values},
                                      std::pair{Query::record_held_many, held_finished_values},
                                      std::pair{Query::record_held_set, held_set_values},
                                      std::pair{Query::record_finished_many, finished_values}})
    EXPECT_THAT(plan(query, values), Not(HasSubstr("Seq Scan on worker_jobs"))) << name_of(query);
}

TEST_F(PostgresPlans, OfATableThatWasEmptyAreMadeAnewWhenItHasGrown) {
  session_.run("VACUUM ANALYZE worker_jobs");
  PostgresConnection worker{server_};
  PostgresConnection idle_worker{server_};
  for (PostgresConnection* each : {&worker, &idle_worker})
    lines_of(*each, "SET enable_seqscan TO on");
  const std::string explain =
      "EXPLAIN (COSTS OFF) EXECUTE errand_next_due_after('default', 0, now())";
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
  // Twice, unless a slow machine had the plans doubted within the last second.
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  do {
    ask_both(2);
  } while (plans().find("Seq Scan on worker_jobs") != std::string::npos &&
           std::chrono::steady_clock::now() < deadline);
  EXPECT_THAT(
      plans(),
      AllOf(HasSubstr("using worker_jobs_waiting on"), Not(HasSubstr("Seq Scan on worker_jobs"))));
}

TEST_F(PostgresPlans, MayBeMadeAnewBesideAStatementThatIsInNoTransaction) {
  PostgresConnection connection{server_};
  ask(connection);
  session_.run("BEGIN");
  session_.run("LOCK TABLE worker_jobs");
  session_.run("SET LOCAL statement_timeout TO '20s'");
  std::jthread unlocking{[this] {
    session_.run(
        "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = "
        "current_database() AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > "
        "interval '10 milliseconds') LOOP PERFORM pg_stat_clear_snapshot(); END LOOP; END $$");
    session_.run("COMMIT");
  }};
  ask(connection);
  EXPECT_EQ(lines_of(connection, "SELECT 'answered'"), "answered\n");
}

TEST_F(PostgresPlans, AreNotMadeAnewInATransactionThatHasFailed) {
  session_.run("INSERT INTO worker_jobs (tag, type, unique_key) VALUES ('t', 'work', 'taken')");
  session_.run(
      "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); "
      "RETURN NEW; END $$");
  session_.run("CREATE TRIGGER slow BEFORE INSERT ON worker_jobs EXECUTE FUNCTION slow()");
  PreparedJob job{.tag = "t", .type = "work", .data = "{}", .queue = "default"};
  job.unique_key = "taken";
  PostgresConnection connection{server_};
  connection.begin();
  connection.execute(Query::savepoint);
  const auto error = errand::testing::error_of([&] {
    static_cast<void>(insert_jobs(connection, {&job, 1}, connection.now(), {}));
  });
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  connection.execute(Query::rollback_to_savepoint);
  connection.execute(Query::release_savepoint);
  connection.commit();
}

}  // namespace
}  // namespace errand::sql
