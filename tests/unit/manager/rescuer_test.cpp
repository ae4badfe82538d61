#include "manager/rescuer.hpp"

#include <gmock/gmock.h>

#include "helpers/captured_log.hpp"
#include "helpers/fake_job_store.hpp"

namespace errand {
namespace {

using errand::testing::CapturedLog;
using errand::testing::FakeJobStore;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ClaimedJob claim(JobId id) {
  ClaimedJob job;
  job.id = id;
  job.claim_seq = 1;
  job.type = "resize";
  job.data = "{}";
  return job;
}

class RescuerTest : public ::testing::Test {
 protected:
  RescuerTest() {
    registry_.add("resize", [](JobContext&, const Json&) {});
  }

  /// A worker that died while it ran the first of two jobs.
  ChildDeath death_of(ProcessId process) {
    store_.live.push_back({process, "me", 1, static_cast<int>(process), {}, {}});
    store_.claims[process] = {claim(process * 10), claim(process * 10 + 1)};
    ChildDeath death;
    death.process = process;
    death.pid = static_cast<int>(process);
    death.sentence = "it was killed";
    death.running = {{process * 10, 1, {}, {}}};
    return death;
  }

  [[nodiscard]] std::vector<JobId> blamed() const {
    std::vector<JobId> ids;
    for (const Completion& completion : store_.completed)
      if (completion.transition.crash_count > 0)
        ids.push_back(completion.id);
    return ids;
  }

  FakeJobStore store_{};
  JobRegistry registry_{};
  std::shared_ptr<CapturedLog> log_ = std::make_shared<CapturedLog>();
  std::vector<JobId> told_{};
  Rescuer rescuer_{store_,
                   registry_,
                   Log{log_, LogLevel::debug},
                   "me",
                   [this](const RescuedJob& rescued, const ChildDeath&) {
                     told_.push_back(rescued.job.id);
                   }};
};

TEST_F(RescuerTest, PutsJobsBackAtOnceAndBlamesTheOneThatRan) {
  rescuer_.rescue(death_of(7));
  EXPECT_THAT(told_, ElementsAre(70, 71));
  EXPECT_THAT(blamed(), ElementsAre(70));
  EXPECT_EQ(rescuer_.waiting(), 0U);
}

TEST_F(RescuerTest, KeepsTheBlameUntilTheDatabaseIsBack) {
  store_.away = true;
  rescuer_.rescue(death_of(7));
  rescuer_.rescue(death_of(8));
  for (int each = 0; each < 100; ++each)
    EXPECT_EQ(rescuer_.retry(), std::chrono::seconds{1});
  EXPECT_EQ(rescuer_.waiting(), 2U);
  EXPECT_THAT(told_, IsEmpty());
  store_.away = false;
  static_cast<void>(rescuer_.retry());
  EXPECT_EQ(rescuer_.waiting(), 0U);
  EXPECT_THAT(blamed(), ElementsAre(70, 80));
  EXPECT_THAT(told_, ElementsAre(70, 71, 80, 81));
}

TEST_F(RescuerTest, SaysOnceThatItFailsAndOnceThatItIsOver) {
  store_.away = true;
  rescuer_.rescue(death_of(7));
  for (int each = 0; each < 10; ++each)
    static_cast<void>(rescuer_.retry());
  store_.away = false;
  static_cast<void>(rescuer_.retry());
  static_cast<void>(rescuer_.retry());
  const std::string lines = log_->all();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
}

TEST_F(RescuerTest, BlamesNobodyTwice) {
  rescuer_.rescue(death_of(7));
  static_cast<void>(rescuer_.retry());
  EXPECT_THAT(store_.completed, SizeIs(2));
}

TEST_F(RescuerTest, FindsTheRowOfAWorkerThatDiedBeforeItSaidWhichOneItIs) {
  ChildDeath death = death_of(7);
  death.process = 0;
  rescuer_.rescue(death);
  EXPECT_THAT(blamed(), ElementsAre(70));
}

TEST_F(RescuerTest, LeavesTheOtherWorkersOfItsNodeAlone) {
  ChildDeath death = death_of(7);
  std::ignore = death_of(8);
  death.process = 0;
  rescuer_.rescue(death);
  EXPECT_THAT(told_, ElementsAre(70, 71));
  EXPECT_FALSE(store_.ended.contains(8));
}

TEST_F(RescuerTest, LeavesAWorkerOfAnotherNodeWithTheSamePidAlone) {
  ChildDeath death = death_of(7);
  death.process = 0;
  store_.live.front().node = "another";
  rescuer_.rescue(death);
  EXPECT_THAT(store_.completed, IsEmpty());
}

}  // namespace
}  // namespace errand
