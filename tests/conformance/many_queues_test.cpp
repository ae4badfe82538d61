#include <algorithm>
#include <map>

#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int queues = 200;

/// So many that what waits is remembered and claimed from many at a time.
class ManyQueues : public JobHolding {
 protected:
  ManyQueues() { home_->clock().step_steady(milliseconds{20}); }

  [[nodiscard]] static PreparedJob job_in(int queue) {
    PreparedJob made = job("q" + std::to_string(queue));
    made.queue = made.tag;
    return made;
  }

  /// Two in each.
  void submit_two_in_each() {
    std::vector<PreparedJob> jobs_in_all;
    for (int queue = 0; queue < 2 * queues; ++queue)
      jobs_in_all.push_back(job_in(queue % queues));
    jobs().submit(jobs_in_all);
  }

  static std::map<std::string, int> by_tag(const std::vector<ClaimedJob>& claimed) {
    std::map<std::string, int> counts;
    for (const ClaimedJob& job : claimed)
      ++counts[job.tag];
    return counts;
  }
};

TEST_P(ManyQueues, EachJobIsClaimedOnce) {
  submit_two_in_each();
  const auto worker = begin_worker();
  std::vector<ClaimedJob> all;
  for (int claims = 0; claims < 8; ++claims) {
    const auto claimed = claim_all(worker, 50).claimed;
    ASSERT_THAT(claimed, SizeIs(50)) << claims;
    all.insert(all.end(), claimed.begin(), claimed.end());
  }
  EXPECT_THAT(claim_all(worker, 50).claimed, IsEmpty());
  EXPECT_THAT(by_tag(all), SizeIs(queues));
  EXPECT_THAT(by_tag(all), Each(::testing::Field(&std::pair<const std::string, int>::second, 2)));
}

TEST_P(ManyQueues, EachJobIsHeldOnce) {
  submit_two_in_each();
  const auto worker = begin_worker();
  const auto other = begin_worker();
  auto all = hold(worker, 150);
  ASSERT_THAT(all, SizeIs(150));
  const auto claimed = claim_all(other, 400).claimed;
  ASSERT_THAT(claimed, SizeIs(250));
  all.insert(all.end(), claimed.begin(), claimed.end());
  EXPECT_THAT(by_tag(all), Each(::testing::Field(&std::pair<const std::string, int>::second, 2)));
}

TEST_P(ManyQueues, WhatComesToAQueueThatWasSpentIsFoundBeforeAnybodySleeps) {
  submit_two_in_each();
  const auto worker = begin_worker();
  ASSERT_THAT(claim_all(worker, 399).claimed, SizeIs(399));
  for (int queue = 0; queue < queues; ++queue)
    submit(job_in(queue));
  PreparedJob later = job_in(0);
  later.due = Due{milliseconds{500}};
  submit(later);
  const auto rest = claim_all(worker, 400);
  EXPECT_THAT(rest.claimed, SizeIs(201));
  EXPECT_EQ(rest.next_due, now() + milliseconds{500});
}

TEST_P(ManyQueues, StrangeTypesArePassedOver) {
  submit_two_in_each();
  execute("UPDATE worker_jobs SET type = 'strange' WHERE id % 2 = 0");
  const auto worker = begin_worker();
  EXPECT_THAT(hold(worker, 100), SizeIs(100));
  EXPECT_THAT(claim_all(begin_worker(), 400).claimed, SizeIs(100));
}

TEST_P(ManyQueues, TheLowestPriorityIsFirst) {
  std::vector<PreparedJob> waiting;
  for (int queue = 0; queue < queues; ++queue) {
    waiting.push_back(job_in(queue));
    waiting.back().priority = (queue * 7) % 5;
  }
  jobs().submit(waiting);
  const auto worker = begin_worker();
  for (int priority = 0; priority < 5; ++priority)
    for (const ClaimedJob& job : claim_all(worker, queues / 5).claimed)
      EXPECT_EQ(job.priority, priority);
}

TEST_P(ManyQueues, OfAQueueThatHasALimitNoMoreAreTaken) {
  submit_two_in_each();
  std::vector<QueueLimit> served;
  for (int queue = 0; queue < 20; ++queue)
    served.push_back({"q" + std::to_string(queue), queue == 7 ? 1 : 0});
  const std::vector<std::string> types{"work"};
  const auto claimed =
      jobs()
          .exchange({}, {.process = begin_worker(), .limit = 100, .types = types, .queues = served})
          .claimed;
  EXPECT_THAT(claimed, SizeIs(39));
  EXPECT_EQ(by_tag(claimed).at("q7"), 1);
}

INSTANTIATE_TEST_SUITE_P(Store,
                         ManyQueues,
                         ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
