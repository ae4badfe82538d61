// The power is cut after every event that a scene's disk saw, in several ways each. What is left is
// a sound database that holds all that was acknowledged, one of the states that the program went
// through, and nothing between two of them.

#include <latch>
#include <thread>

#include <gmock/gmock.h>

#include "base/random.hpp"
#include "power/power_cuts.hpp"

namespace errand::testing {
namespace {

using ::testing::IsEmpty;

const std::vector<std::string> types{"work"};

PreparedJob job(const std::string& tag, std::size_t size = 0) {
  PreparedJob job;
  job.tag = tag;
  job.type = "work";
  job.queue = "default";
  job.data = R"({"text":")" + std::string(size, 'x') + R"("})";
  return job;
}

std::vector<PreparedJob> jobs(const std::string& tag, int count, std::size_t size = 0) {
  std::vector<PreparedJob> all;
  for (int i = 0; i < count; ++i)
    all.push_back(job(tag + std::to_string(i), size));
  return all;
}

Transition failed_with_retry() {
  Transition transition;
  transition.state = JobState::failed;
  transition.reason = "error";
  transition.retry_delay = std::chrono::hours{1};
  return transition;
}

Transition put_back() {
  Transition transition;
  transition.to = Transition::To::scheduled;
  transition.state = JobState::scheduled;
  return transition;
}

std::uint64_t seed_of_this_run() {
  const int given = ::testing::UnitTest::GetInstance()->random_seed();
  return given != 0 ? static_cast<std::uint64_t>(given) : Random::from_entropy().u64() % 99'999 + 1;
}

/// How often SQLite writes its WAL back into the database: as the program says, or every few pages.
class PowerLoss : public ::testing::TestWithParam<const char*> {
 protected:
  PowerLoss() : scene_{overruled()} { scene_.migrate(); }

  static RecordingVfs::Pragmas overruled() {
    if (std::string_view{GetParam()} == "seldom")
      return {};
    return {{"wal_autocheckpoint", "7"}};
  }

  void submit(const std::vector<PreparedJob>& all) {
    scene_.durably([&] { scene_.server().submit(all); });
  }

  void submit(const PreparedJob& one) { submit(std::vector{one}); }

  ProcessId begin_worker() {
    ProcessId process = 0;
    scene_.durably([&] { process = scene_.server().begin_process({.node = "n", .types = types}); });
    return process;
  }

  std::vector<ClaimedJob> exchange(ProcessId process,
                                   int limit,
                                   const std::vector<Completion>& completions = {}) {
    std::vector<ClaimedJob> claimed;
    scene_.lightly([&] {
      claimed = scene_.worker()
                    .exchange(completions, {.process = process, .limit = limit, .types = types})
                    .claimed;
    });
    return claimed;
  }

  static Completion completion(const ClaimedJob& job, const Transition& transition = {}) {
    return {job.id, job.claim_seq, transition, job.process};
  }

  void expect_nothing_is_lost(std::size_t from = 1) {
    scene_.close();
    const std::uint64_t seed = seed_of_this_run();
    const Verdict verdict = cut_everywhere(scene_, seed, from);
    RecordProperty("cuts", verdict.cuts);
    RecordProperty("seed", std::to_string(seed));
    EXPECT_GT(verdict.cuts, 100);
    EXPECT_THAT(verdict.complaints, IsEmpty())
        << verdict.broken << " of " << verdict.cuts << " cuts"
        << " (run it again with --gtest_random_seed=" << seed << ")";
  }

  Scene scene_;
};

INSTANTIATE_TEST_SUITE_P(Checkpoints,
                         PowerLoss,
                         ::testing::Values("seldom", "often"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(PowerLoss, LeavesAMigrationWholeOrNotAtAll) {
  submit(job("first"));
  expect_nothing_is_lost(0);
}

TEST_P(PowerLoss, LeavesEveryAcknowledgedJob) {
  for (const char* tag : {"a", "b", "c", "d"})
    submit(job(tag));
  expect_nothing_is_lost();
}

TEST_P(PowerLoss, LeavesABulkWholeOrNotAtAll) {
  submit(jobs("first", 70));
  submit(jobs("second", 40, 200));
  expect_nothing_is_lost();
}

TEST_P(PowerLoss, LeavesWhatThreadsSubmittedTogether) {
  constexpr int threads = 4;
  std::latch start{threads};
  std::vector<std::thread> all;
  for (int thread = 0; thread < threads; ++thread)
    all.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int i = 0; i < 5; ++i) {
        const std::string tag = std::to_string(thread) + "-" + std::to_string(i);
        const PreparedJob one = job(tag);
        scene_.server().submit({&one, 1});
        scene_.acknowledge({tag});
      }
    });
  for (std::thread& thread : all)
    thread.join();
  expect_nothing_is_lost();
}

TEST_P(PowerLoss, TakesBackNoMoreThanAWorkersLastWrites) {
  const ProcessId process = begin_worker();
  submit(jobs("j", 6));
  const auto first = exchange(process, 2);
  submit(job("between"));
  const auto second =
      exchange(process, 2, {completion(first.at(0)), completion(first.at(1), put_back())});
  exchange(process, 1, {completion(second.at(0), failed_with_retry())});
  submit(job("after"));
  scene_.durably([&] { scene_.server().cancel(second.at(1).id); });
  expect_nothing_is_lost();
}

TEST_P(PowerLoss, LeavesEachCronItsOneLink) {
  PreparedJob link = job("cron");
  link.cron_schedule = "0 * * * * *";
  link.due = Due{scene_.now()};
  link.cron_slot = scene_.now();
  scene_.durably([&] { scene_.server().ensure_cron(link); });
  const ProcessId process = begin_worker();
  for (int run = 0; run < 3; ++run) {
    const auto claimed = exchange(process, 1);
    Transition next;
    next.next_slot = scene_.now() + std::chrono::minutes{1};
    exchange(process, 0, {completion(claimed.at(0), next)});
    scene_.advance(std::chrono::minutes{1});
  }
  expect_nothing_is_lost();
}

TEST_P(PowerLoss, LeavesACleanUpWholeOrNotAtAll) {
  const ProcessId process = begin_worker();
  submit(jobs("j", 20));
  std::vector<Completion> completions;
  for (const ClaimedJob& claimed : exchange(process, 20))
    completions.push_back(completion(claimed));
  exchange(process, 0, completions);
  submit(job("stays"));
  scene_.advance(std::chrono::hours{2});
  for (const int limit : {3, 30})
    scene_.durably([&] { scene_.server().remove_old(limit, 0); });
  expect_nothing_is_lost();
}

TEST_P(PowerLoss, AtTheLastClosingAndTheNextOpeningLosesNothing) {
  submit(jobs("before", 10));
  scene_.reopen();
  submit(job("after"));
  scene_.reopen();
  scene_.migrate();
  submit(job("last"));
  expect_nothing_is_lost();
}

/// The same, where commits are not what they should be: the cuts must tell.
Verdict verdict_on(RecordingVfs::Pragmas overruled, bool by_worker) {
  Scene scene{std::move(overruled)};
  scene.migrate();
  for (const char* tag : {"a", "b", "c"})
    scene.durably([&] {
      const PreparedJob one = job(tag);
      (by_worker ? scene.worker() : scene.server()).submit({&one, 1});
    });
  scene.close();
  return cut_everywhere(scene, 1);
}

TEST(PowerLossCuts, FindALossWhenNothingIsSynced) {
  EXPECT_GT(verdict_on({{"synchronous", "OFF"}}, false).broken, 0);
}

TEST(PowerLossCuts, FindALossWhenASubmissionIsNoMoreDurableThanAClaim) {
  EXPECT_GT(verdict_on({}, true).broken, 0);
}

TEST(PowerLossCuts, FindADamageWhenCheckpointsAreNotSynced) {
  Scene scene{{{"synchronous", "OFF"}, {"wal_autocheckpoint", "7"}}};
  scene.migrate();
  for (int i = 0; i < 4; ++i)
    scene.lightly([&] { scene.server().submit(jobs(std::to_string(i), 40)); });
  scene.close();
  EXPECT_GT(cut_everywhere(scene, 1).broken, 0);
}

}  // namespace
}  // namespace errand::testing
