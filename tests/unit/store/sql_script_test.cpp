#include "store/sql_script.hpp"

#include <gmock/gmock.h>

#include "store/statements.hpp"

namespace errand::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SqlScript, IsCutAtSemicolons) {
  EXPECT_THAT(statements_of("a;b ;\n c\n"), ElementsAre("a", "b ", "\n c\n"));
  EXPECT_THAT(statements_of(""), IsEmpty());
  EXPECT_THAT(statements_of("a;\n-- the end; really\n\n"), ElementsAre("a"));
}

TEST(SqlScript, QuotesAndCommentsHideSemicolons) {
  EXPECT_THAT(statements_of("x ';' \";\" 'it''s;'; y -- ;\n z"),
              ElementsAre("x ';' \";\" 'it''s;'", " y -- ;\n z"));
  EXPECT_THAT(statements_of("x 'open; for ever"), ElementsAre("x 'open; for ever"));
  EXPECT_THAT(statements_of("x --"), ElementsAre("x --"));
}

TEST(SqlScript, TheFirstLineSaysThatItRunsOutsideATransaction) {
  const auto& migrations = Statements::of_postgresql().migrations();
  ASSERT_GE(migrations.size(), 2U);
  EXPECT_FALSE(runs_outside_transaction(migrations[0].text));
  EXPECT_TRUE(runs_outside_transaction(migrations[1].text));
  for (const Migration& migration : Statements::of_sqlite().migrations())
    EXPECT_FALSE(runs_outside_transaction(migration.text));
  EXPECT_THAT(statements_of(migrations[1].text).at(2), HasSubstr("CREATE %s INDEX"));
}

}  // namespace
}  // namespace errand::sql
