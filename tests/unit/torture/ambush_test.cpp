#include "ambush.hpp"

#include <gmock/gmock.h>

#include "base/probe.hpp"
#include "history.hpp"
#include "history_folder.hpp"

namespace errand::torture {
namespace {

class AmbushTest : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("TORTURE_HISTORY", folder_.path().c_str(), 1); }

  void TearDown() override { probe_hook = nullptr; }

  HistoryFolder folder_{""};
};

TEST_F(AmbushTest, KillsWhoComesToItsPointAndLeavesAWordOfIt) {
  lay_ambush(folder_.path(), "after-claim");
  EXPECT_EXIT(
      {
        walk_into_ambushes(folder_.path());
        probe("before-flush");
        probe("after-claim");
      },
      ::testing::KilledBySignal(SIGKILL),
      "");
  const History history = read_history(folder_.path());
  ASSERT_EQ(history.faults.size(), 1U);
  EXPECT_EQ(history.faults[0].kind, FaultKind::kill_after_claim);
}

TEST_F(AmbushTest, LetsPassWhereNoneIsLaidOrItWasLifted) {
  lay_ambush(folder_.path(), "after-claim");
  lift_ambush(folder_.path(), "after-claim");
  walk_into_ambushes(folder_.path());
  probe("after-claim");
  probe("before-flush");
  probe("another point");
  EXPECT_TRUE(read_history(folder_.path()).faults.empty());
}

TEST_F(AmbushTest, KillsAtTheStepOfTheMigrationThatWasChosen) {
  const auto steps = [](int count) {
    die_at_migration_step(3);
    for (int step = 0; step < count; ++step)
      probe("migration");
  };
  EXPECT_EXIT(steps(3), ::testing::KilledBySignal(SIGKILL), "");
  steps(2);
}

}  // namespace
}  // namespace errand::torture
