// What makes claiming flat: the plans of the hot statements, and the work they do beside many rows.

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "helpers/settable_clock.hpp"
#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"
#include "store/statements.hpp"

namespace errand::sql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string plan_of(Transaction& tx, Query query) {
  sqlite3* handle = tx.native_handle();
  const std::string sql = "EXPLAIN QUERY PLAN " + std::string{Statements::of_sqlite().text(query)};
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr), SQLITE_OK);
  std::string plan;
  while (sqlite3_step(statement) == SQLITE_ROW)
    plan += std::string{reinterpret_cast<const char*>(sqlite3_column_text(statement, 3))} + "\n";
  sqlite3_finalize(statement);
  return plan;
}

class Plans : public ::testing::Test {
 protected:
  Plans() { store_->migrate(); }

  std::string plan(Query query) {
    return store_->database().with_transaction([&](Transaction& tx) { return plan_of(tx, query); });
  }

  TemporaryDatabase file_{};
  std::unique_ptr<Store> store_{open_store({.database_url = file_.url(),
                                            .durability = Durability::relaxed,
                                            .clock = std::make_shared<testing::SettableClock>()})};
};

TEST_F(Plans, AClaimSeeksItsRangeWithoutSorting) {
  EXPECT_THAT(plan(Query::due_jobs),
              HasSubstr("USING INDEX worker_jobs_waiting (queue=? AND priority=? AND due<?)"));
  EXPECT_THAT(plan(Query::due_jobs), Not(HasSubstr("ORDER BY")));
}

TEST_F(Plans, HeadsAreFoundBySeeks) {
  EXPECT_THAT(plan(Query::waiting_heads), HasSubstr("(queue=? AND priority>?)"));
  EXPECT_THAT(plan(Query::waiting_heads), Not(HasSubstr("USE TEMP B-TREE FOR ORDER BY\nSCAN job")));
}

TEST_F(Plans, WhatEndsAJobFindsItByItsId) {
  for (const Query query : {Query::record_finished,
                            Query::record_finished_many,
                            Query::record_scheduled,
                            Query::set_progress,
                            Query::cancel_waiting})
    EXPECT_THAT(plan(query), HasSubstr("USING INTEGER PRIMARY KEY (rowid=?)")) << name_of(query);
}

TEST_F(Plans, QuestionsAboutAWorkerUseItsIndex) {
  for (const Query query : {Query::held_claims, Query::claims_of_process, Query::running_jobs_of})
    EXPECT_THAT(plan(query), HasSubstr("worker_jobs_claimed (claimed_by=?)")) << name_of(query);
}

TEST_F(Plans, RemovalSeeksWhatIsOld) {
  EXPECT_THAT(plan(Query::remove_old_jobs), HasSubstr("worker_jobs_removable (remove_at<?)"));
}

/// Instructions of SQLite's machine for one claim of one job.
int steps_of_a_claim(Store& store) {
  int steps = 0;
  store.database().with_transaction([&](Transaction& tx) {
    sqlite3* handle = tx.native_handle();
    sqlite3_progress_handler(
        handle,
        1,
        [](void* counter) {
          ++*static_cast<int*>(counter);
          return 0;
        },
        &steps);
    const std::vector<std::string> types{"work"};
    const auto process = store.jobs().live_processes().at(0).id;
    const auto result = store.jobs().exchange({}, {.process = process, .limit = 1, .types = types});
    EXPECT_EQ(result.claimed.size(), 1U);
    sqlite3_progress_handler(handle, 0, nullptr, nullptr);
  });
  return steps;
}

TEST_F(Plans, AClaimCostsTheSameBesideManyFutureAndFinishedRows) {
  PreparedJob job;
  job.tag = "t";
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  job.due = Due{TimePoint{}};
  store_->jobs().begin_process({.node = "n", .types = {}});
  store_->jobs().submit(std::vector<PreparedJob>(3, job));
  steps_of_a_claim(*store_);
  const int before = steps_of_a_claim(*store_);
  store_->database().with_transaction([](Transaction& tx) {
    tx.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO worker_jobs (tag, type, due) SELECT 't', 'work', 9e17 FROM n");
    tx.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO worker_jobs (tag, type, due, started, finished, success) "
        "SELECT 't', 'work', 1, 2, 3, 1 FROM n");
  });
  EXPECT_LE(steps_of_a_claim(*store_), before + 20);
}

}  // namespace
}  // namespace errand::sql
