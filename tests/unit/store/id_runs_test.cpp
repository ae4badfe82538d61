#include "store/id_runs.hpp"

#include <gtest/gtest.h>

namespace errand::sql {
namespace {

std::string text_of(const std::vector<IdRun>& runs) {
  return to_json(runs).dump();
}

TEST(IdRuns, NameTheFirstAndTheLastOfEveryRun) {
  EXPECT_EQ(text_of(runs_of({})), "[]");
  EXPECT_EQ(text_of(runs_of({7})), "[[7,7]]");
  EXPECT_EQ(text_of(runs_of({1, 2, 3, 5, 8, 9})), "[[1,3],[5,5],[8,9]]");
  EXPECT_EQ(text_of(runs_of({9, 1, 8, 3, 2, 5})), "[[1,3],[5,5],[8,9]]") << "in any order";
}

TEST(IdRuns, MergeWhereTheyOverlapOrTouch) {
  EXPECT_EQ(text_of(merged({{5, 9}, {1, 3}})), "[[1,3],[5,9]]");
  EXPECT_EQ(text_of(merged({{1, 6}, {2, 3}, {6, 8}})), "[[1,8]]");
  EXPECT_EQ(text_of(merged({{4, 6}, {1, 3}})), "[[1,6]]");
}

TEST(IdRuns, HaveBothTheirEnds) {
  const std::vector<IdRun> runs{{2, 3}, {7, 7}};
  for (const JobId id : {2, 3, 7})
    EXPECT_TRUE(is_in(runs, id)) << id;
  for (const JobId id : {1, 4, 6, 8})
    EXPECT_FALSE(is_in(runs, id)) << id;
  EXPECT_FALSE(is_in({}, 1));
}

TEST(IdRuns, AreReadAsTheyWereWritten) {
  const std::vector<IdRun> runs{{2, 3}, {7, 7}};
  EXPECT_EQ(runs_from(text_of(runs)), runs);
  EXPECT_EQ(runs_from("[]"), std::vector<IdRun>{});
}

}  // namespace
}  // namespace errand::sql
