#include "store/held_note.hpp"

#include <gtest/gtest.h>

namespace errand::sql {
namespace {

std::string note_of(const std::vector<JobId>& ids) {
  std::vector<ClaimedJob> jobs(ids.size());
  for (std::size_t index = 0; index < ids.size(); ++index)
    jobs[index].id = ids[index];
  return held_note(jobs);
}

TEST(HeldNote, NamesTheFirstAndTheLastOfEveryRun) {
  EXPECT_EQ(note_of({7}), "[[7,7]]");
  EXPECT_EQ(note_of({1, 2, 3, 5, 8, 9}), "[[1,3],[5,5],[8,9]]");
  EXPECT_EQ(note_of({9, 1, 8, 3, 2, 5}), "[[1,3],[5,5],[8,9]]") << "in whatever order they were";
}

}  // namespace
}  // namespace errand::sql
