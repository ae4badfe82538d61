#include "store/sqlite/sqlite_functions.hpp"

#include <memory>

#include <gmock/gmock.h>
#include <sqlite3.h>

namespace errand::sql {
namespace {

class IsInRuns : public ::testing::Test {
 protected:
  IsInRuns() {
    sqlite3* opened = nullptr;
    sqlite3_open(":memory:", &opened);
    connection_.reset(opened);
    EXPECT_EQ(add_is_in_runs(*connection_), SQLITE_OK);
  }

  /// The first column of all rows, one after the other, or what failed.
  [[nodiscard]] std::string ask(const std::string& sql, const std::string& runs) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(connection_.get(), sql.c_str(), -1, &statement, nullptr),
              SQLITE_OK);
    sqlite3_bind_text(statement, 1, runs.c_str(), -1, SQLITE_TRANSIENT);
    std::string answers;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
      answers += reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (code != SQLITE_DONE)
      answers = sqlite3_errmsg(connection_.get());
    sqlite3_finalize(statement);
    return answers;
  }

  std::unique_ptr<sqlite3, decltype([](sqlite3* handle) { sqlite3_close(handle); })> connection_{};
};

const std::string numbers =
    "WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < 9) ";

TEST_F(IsInRuns, TellsOfEachRow) {
  EXPECT_EQ(ask(numbers + "SELECT is_in_runs($1, id) FROM n", "[[2,4],[7,7]]"), "0011100100");
  EXPECT_EQ(ask(numbers + "SELECT is_in_runs($1, id) FROM n", "[]"), "0000000000");
}

TEST_F(IsInRuns, TakesOtherRunsForEachRow) {
  EXPECT_EQ(ask(numbers + "SELECT is_in_runs('[[' || id || ',5]]', 3) + $1 FROM n", "0"),
            "1111000000");
}

TEST_F(IsInRuns, FailsWhereTheyAreNoRuns) {
  EXPECT_THAT(ask("SELECT is_in_runs($1, 1)", "[1"), ::testing::HasSubstr("parse error"));
  EXPECT_EQ(ask("SELECT is_in_runs(NULL, 1) IS NULL AND $1", "1"), "1");
}

/// SQLite copies a text that has no end of its own.
TEST_F(IsInRuns, FailsWithoutMemoryForTheRuns) {
  const std::string longer(1'000'000, ' ');
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(
      sqlite3_prepare_v2(connection_.get(), "SELECT is_in_runs($1, 1)", -1, &statement, nullptr),
      SQLITE_OK);
  sqlite3_bind_text(statement, 1, longer.c_str(), 900'000, SQLITE_STATIC);
  const auto before = sqlite3_hard_heap_limit64(sqlite3_memory_used() + 100'000);
  EXPECT_EQ(sqlite3_step(statement), SQLITE_NOMEM);
  sqlite3_hard_heap_limit64(before);
  sqlite3_finalize(statement);
}

}  // namespace
}  // namespace errand::sql
