#include "store/alike_runs.hpp"

#include <functional>

#include <gmock/gmock.h>

namespace errand::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Completion> completions_of(const std::vector<JobId>& ids) {
  std::vector<Completion> completions;
  for (const JobId id : ids)
    completions.push_back({.id = id, .claim_seq = 1, .holder = 7});
  return completions;
}

std::vector<std::size_t> indexes_of(const std::vector<Completion>& completions) {
  std::vector<std::size_t> indexes;
  for (std::size_t index = 0; index < completions.size(); ++index)
    indexes.push_back(index);
  return indexes;
}

TEST(AlikeRuns, AreOfConsecutiveJobs) {
  const auto completions = completions_of({1, 2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 14});
  const auto indexes = indexes_of(completions);
  const AlikeRuns found = alike_runs(completions, indexes, 4);
  ASSERT_EQ(found.runs.size(), 2U);
  EXPECT_THAT(found.runs[0], ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(found.runs[1], ElementsAre(7, 8, 9, 10, 11));
  EXPECT_THAT(found.rest, ElementsAre(4, 5, 6)) << "three are no run";
}

TEST(AlikeRuns, EndWhereAnythingDiffers) {
  const std::vector<std::function<void(Completion&)>> changes{
      [](Completion& each) { each.claim_seq = 2; },
      [](Completion& each) { each.holder = 8; },
      [](Completion& each) { each.held_since = TimePoint{}; },
      [](Completion& each) { each.transition.state = JobState::failed; },
      [](Completion& each) { each.transition.crash_count = 1; },
      [](Completion& each) { each.transition.reason = "why"; },
      [](Completion& each) {
        each.progress = Progress{0, ""};
      },
      [](Completion& each) {
        each.transition.result = "1";
      }};
  for (std::size_t which = 0; which < changes.size(); ++which) {
    auto completions = completions_of({1, 2, 3, 4, 5, 6, 7});
    changes[which](completions[3]);
    const auto indexes = indexes_of(completions);
    EXPECT_THAT(alike_runs(completions, indexes, 4).runs, IsEmpty()) << which;
    EXPECT_EQ(alike_runs(completions, indexes, 4).rest, indexes) << which;
  }
}

TEST(AlikeRuns, EndWhereProgressDiffers) {
  for (const Progress& other : {Progress{0.5, "there"}, Progress{0.25, "here"}}) {
    auto completions = completions_of({1, 2, 3, 4, 5, 6, 7});
    for (Completion& each : completions)
      each.progress = Progress{0.5, "here"};
    const auto indexes = indexes_of(completions);
    EXPECT_EQ(alike_runs(completions, indexes, 4).runs.size(), 1U);
    completions[3].progress = other;
    EXPECT_THAT(alike_runs(completions, indexes, 4).runs, IsEmpty());
  }
}

TEST(AlikeSets, AreOfAnyJobsThatEndAlike) {
  auto completions = completions_of({9, 1, 3, 5, 7, 11});
  completions[2].claim_seq = completions[5].claim_seq = 2;
  const std::vector<std::size_t> by_id{1, 2, 3, 4, 0, 5};
  const AlikeSets found = alike_sets(completions, by_id, 3);
  EXPECT_THAT(found.sets, ElementsAre(ElementsAre(1, 3, 4, 0)));
  EXPECT_THAT(found.rest, ElementsAre(2, 5)) << "two are no set";
}

TEST(AlikeSets, AreNotLookedForAmongEndsThatAllDiffer) {
  auto completions = completions_of({1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21});
  for (std::size_t which = 0; which < 9; ++which)
    completions[which].transition.result = std::to_string(which);
  const auto indexes = indexes_of(completions);
  EXPECT_THAT(alike_sets(completions, indexes, 2).sets, IsEmpty());
  EXPECT_EQ(alike_sets(completions, indexes, 2).rest, indexes);
  EXPECT_THAT(alike_sets(completions, std::span{indexes}.subspan(2), 2).sets,
              ElementsAre(ElementsAre(9, 10)));
}

}  // namespace
}  // namespace errand::sql
