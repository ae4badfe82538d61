#include "worker/job_queue.hpp"

#include <gmock/gmock.h>

namespace errand {
namespace {

using ::testing::ElementsAre;

std::vector<ClaimedJob> jobs(std::initializer_list<JobId> ids) {
  std::vector<ClaimedJob> made;
  for (const JobId id : ids)
    made.emplace_back().id = id;
  return made;
}

std::vector<JobId> ids_in(const JobQueue& queue) {
  std::vector<JobId> ids;
  queue.for_each([&](const ClaimedJob& job) { ids.push_back(job.id); });
  return ids;
}

bool is_even(const ClaimedJob& job) {
  return job.id % 2 == 0;
}

constexpr SteadyPoint early{std::chrono::seconds{1}};
constexpr SteadyPoint late{std::chrono::seconds{2}};

/// 2, 3 and 4, 5, 6: what came before has been taken.
JobQueue begun_queue() {
  JobQueue queue;
  queue.push(jobs({1, 2, 3}), early);
  queue.push(jobs({4, 5, 6}), late);
  static_cast<void>(queue.pop());
  return queue;
}

TEST(JobQueue, GivesWhatCameFirstFirst) {
  JobQueue queue = begun_queue();
  EXPECT_EQ(queue.size(), 5U);
  std::vector<JobId> ids;
  while (!queue.empty())
    ids.push_back(queue.pop().id);
  EXPECT_THAT(ids, ElementsAre(2, 3, 4, 5, 6));
  EXPECT_EQ(queue.size(), 0U);
}

TEST(JobQueue, KnowsSinceWhenItsFirstJobWaits) {
  JobQueue queue = begun_queue();
  EXPECT_EQ(queue.since(), early);
  static_cast<void>(queue.pop());
  static_cast<void>(queue.pop());
  EXPECT_EQ(queue.since(), late);
  EXPECT_EQ(JobQueue{}.since(), std::nullopt);
}

TEST(JobQueue, NothingIsNoBatch) {
  JobQueue queue;
  queue.push({}, early);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.since(), std::nullopt);
}

TEST(JobQueue, SeesWhatWaitsAndNotWhatWasTaken) {
  const JobQueue queue = begun_queue();
  EXPECT_THAT(ids_in(queue), ElementsAre(2, 3, 4, 5, 6));
  EXPECT_TRUE(queue.any_of([](const ClaimedJob& job) { return job.id == 6; }));
  EXPECT_FALSE(queue.any_of([](const ClaimedJob& job) { return job.id == 0; }))
      << "what is left of a job that was taken";
}

TEST(JobQueue, LeavesOutWhatIsErased) {
  JobQueue queue = begun_queue();
  queue.erase_if(is_even);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_THAT(ids_in(queue), ElementsAre(3, 5));
  queue.erase_if([](const ClaimedJob& job) { return job.id == 3; });
  EXPECT_EQ(queue.since(), late) << "the first batch is gone";
  EXPECT_EQ(queue.pop().id, 5);
  EXPECT_TRUE(queue.empty());
}

TEST(JobQueue, GivesEverythingAwayAndReturnsWhatIsWanted) {
  JobQueue queue = begun_queue();
  std::vector<JobId> ids;
  for (const ClaimedJob& job : queue.take_if(is_even))
    ids.push_back(job.id);
  EXPECT_THAT(ids, ElementsAre(2, 4, 6));
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace errand
