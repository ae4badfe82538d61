// One look for all workers of a node.
#include "conformance/job_holding.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

class NodeLooks : public JobHolding {
 protected:
  NodeLook look(const std::vector<QueueLimit>& queues = {}) {
    const std::vector<std::string> types{"work"};
    return jobs().look({.types = types, .queues = queues, .asks_of_dead = true});
  }

  static bool is_due(const NodeLook& look) { return look.next_due && *look.next_due <= look.now; }

  static PreparedJob later(const std::string& tag, milliseconds delay) {
    PreparedJob made = job(tag);
    made.due = Due{delay};
    return made;
  }
};

TEST_P(NodeLooks, SeesNothingWhereNothingWaitsAndNobodyLives) {
  const NodeLook seen = look();
  EXPECT_EQ(seen.now, now());
  EXPECT_FALSE(is_due(seen));
  EXPECT_EQ(seen.next_due, std::nullopt);
  EXPECT_EQ(seen.due_since, std::nullopt);
  EXPECT_EQ(seen.oldest_beat, std::nullopt);
  EXPECT_FALSE(seen.dead_hold_claims);
}

TEST_P(NodeLooks, SeesWhatIsDueAndTakesNothing) {
  submit(job("a"));
  const TimePoint due = now();
  advance(3s);
  const NodeLook seen = look();
  EXPECT_TRUE(is_due(seen));
  EXPECT_EQ(seen.due_since, due);
  EXPECT_EQ(claim_one(begin_worker()).tag, "a");
  EXPECT_FALSE(is_due(look()));
}

TEST_P(NodeLooks, SeesWhenTheNextOneIsDue) {
  submit(later("b", 700ms));
  submit(later("a", 300ms));
  PreparedJob other = later("c", 200ms);
  other.queue = "another";
  submit(other);
  EXPECT_EQ(look().next_due, now() + 200ms);
  EXPECT_EQ(look({{"default", 3}}).next_due, now() + 300ms);
  EXPECT_EQ(look().due_since, std::nullopt);
  advance(300ms);
  EXPECT_TRUE(is_due(look()));
}

TEST_P(NodeLooks, PassesOverStrangersAndTellsSinceWhenTheyWait) {
  PreparedJob stranger = job("a");
  stranger.type = "strange";
  submit(stranger);
  const TimePoint due = now();
  submit(later("b", 500ms));
  const NodeLook seen = look();
  EXPECT_FALSE(is_due(seen));
  EXPECT_EQ(seen.next_due, now() + 500ms);
  EXPECT_EQ(seen.due_since, due);
}

TEST_P(NodeLooks, LeavesWhatIsPausedButTellsSinceWhenItWaits) {
  execute("INSERT INTO worker_queues (name, paused) VALUES ('default', true)");
  submit(later("b", 500ms));
  EXPECT_EQ(look().next_due, std::nullopt);
  submit(job("a"));
  const NodeLook seen = look();
  EXPECT_FALSE(is_due(seen));
  EXPECT_EQ(seen.next_due, std::nullopt);
  EXPECT_EQ(seen.due_since, now());
}

TEST_P(NodeLooks, LeavesQueuesThatTheNodeDoesNotServe) {
  submit(job("a"));
  EXPECT_FALSE(is_due(look({{"another", 0}})));
  EXPECT_TRUE(is_due(look({{"another", 0}, {"default", 0}})));
}

TEST_P(NodeLooks, TellsTheOldestBeatOfThoseWhoLive) {
  const auto dead = begin_worker();
  advance(1s);
  const auto worker = begin_worker();
  const TimePoint begun = now();
  jobs().end_process(dead, "stopped");
  advance(1s);
  begin_worker();
  EXPECT_EQ(look().oldest_beat, begun);
  jobs().beat(worker, 0);
  EXPECT_EQ(look().oldest_beat, now());
}

TEST_P(NodeLooks, TellsWhetherSomebodyDeadHoldsClaims) {
  submit(job("a"));
  const auto worker = begin_worker();
  const auto claimed = claim_one(worker);
  EXPECT_FALSE(look().dead_hold_claims);
  jobs().end_process(worker, "killed");
  EXPECT_TRUE(look().dead_hold_claims);
  EXPECT_FALSE(jobs().look({}).dead_hold_claims) << "nobody asked";
  record_one(claimed, put_back());
  EXPECT_FALSE(look().dead_hold_claims);
}

TEST_P(NodeLooks, SeesWhatIsDueInAnyOfManyQueues) {
  std::vector<PreparedJob> waiting;
  for (int queue = 0; queue < 200; ++queue) {
    waiting.push_back(later("a", 1s + queue * 1ms));
    waiting.back().queue = "q" + std::to_string(queue);
  }
  jobs().submit(waiting);
  home_->clock().step_steady(milliseconds{20});  // each reading seems slow, and is remembered
  EXPECT_EQ(look().next_due, now() + 1s);
  submit(later("b", 0ms));
  EXPECT_TRUE(is_due(look()));
}

INSTANTIATE_TEST_SUITE_P(Store,
                         NodeLooks,
                         ::testing::ValuesIn(backends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace errand::testing
