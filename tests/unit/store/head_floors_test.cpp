#include "store/head_floors.hpp"

#include <gmock/gmock.h>

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr TimePoint noon{1'800'000'000s};
constexpr SteadyPoint start{1h};

class HeadFloorsTest : public ::testing::Test {
 protected:
  /// Asked for at the start, all of them; returns when they came.
  SteadyPoint read(const std::vector<WaitingHead>& heads, std::chrono::microseconds took) {
    floors_.note({.asked = start}, heads, start + took, noon);
    return start + took;
  }

  static WaitingHead head(const std::string& queue, TimePoint due) {
    return {.queue = queue, .priority = 3, .due = due, .id = 7};
  }

  /// Read from what is known, at the start and an hour later.
  HeadReading read_on(const std::vector<WaitingHead>& heads) {
    const HeadReading reading = floors_.reading(start + 4ms);
    floors_.note(reading, heads, start + 5ms, noon + 1h);
    return floors_.reading(start + 6ms);
  }

  HeadFloors floors_{};
};

TEST_F(HeadFloorsTest, AreNoneWhereNothingWasRead) {
  EXPECT_THAT(floors_.reading(start).floors, IsEmpty());
}

TEST_F(HeadFloorsTest, AreNotUsedWhereEverythingIsReadInNoTime) {
  const SteadyPoint answered = read({head("q", noon)}, 1999us);
  EXPECT_THAT(floors_.reading(answered).floors, IsEmpty());
}

TEST_F(HeadFloorsTest, AreWhereAHeadWaits) {
  const SteadyPoint answered = read({head("q", noon - 1h)}, 2ms);
  const HeadReading reading = floors_.reading(answered);
  ASSERT_THAT(reading.floors, SizeIs(1));
  EXPECT_EQ(reading.floors.front().queue, "q");
  EXPECT_EQ(reading.floors.front().priority, 3);
  EXPECT_EQ(reading.floors.front().due, noon - 1h);
  EXPECT_EQ(reading.asked, answered);
}

TEST_F(HeadFloorsTest, AreNoLaterThanWhatIsNotCommittedYetMayBeDue) {
  const SteadyPoint answered = read({head("a", noon - 999ms), head("b", noon + 1h)}, 2ms);
  const HeadReading reading = floors_.reading(answered);
  ASSERT_THAT(reading.floors, SizeIs(2));
  EXPECT_EQ(reading.floors.at(0).due, noon - 1s);
  EXPECT_EQ(reading.floors.at(1).due, noon - 1s);
}

TEST_F(HeadFloorsTest, HoldForAHundredTimesAsLongAsEverythingTookAndForTheIdleForTwenty) {
  const SteadyPoint answered = read({head("q", noon)}, 2ms);
  const HeadReading reading = floors_.reading(answered + 200ms - 1us);
  EXPECT_THAT(reading.floors, SizeIs(1));
  EXPECT_EQ(reading.idle_until, answered + 40ms);
  EXPECT_THAT(floors_.reading(answered + 200ms).floors, IsEmpty());
}

TEST_F(HeadFloorsTest, HoldForNoLongerBecauseOfWhatWasReadFromThem) {
  const SteadyPoint answered = read({head("q", noon)}, 2ms);
  EXPECT_EQ(read_on({head("q", noon)}).until, answered + 200ms);
}

TEST_F(HeadFloorsTest, RiseToWhatWasReadFromThem) {
  read({head("a", noon), head("b", noon)}, 2ms);
  const HeadReading reading = read_on({head("a", noon + 1min)});
  ASSERT_THAT(reading.floors, SizeIs(2));
  EXPECT_EQ(reading.floors.at(0).due, noon + 1min);
  EXPECT_EQ(reading.floors.at(1).due, noon - 1s) << "nothing of b was read: it may be paused";
}

TEST_F(HeadFloorsTest, StayWhenEverythingIsReadAndNothingWaits) {
  read({head("q", noon)}, 1ms);
  const SteadyPoint answered = read({}, 2ms);
  EXPECT_THAT(floors_.reading(answered).floors, SizeIs(1));
}

TEST_F(HeadFloorsTest, FallToWhatCameLate) {
  read({head("q", noon)}, 2ms);
  const SteadyPoint answered = read({head("q", noon - 1h)}, 3ms);
  EXPECT_EQ(floors_.reading(answered).floors.at(0).due, noon - 1h);
}

/// What lies before the newer floors was not seen.
TEST_F(HeadFloorsTest, LearnNothingFromWhatWasReadFromOlderOnes) {
  read({head("q", noon)}, 2ms);
  const HeadReading older = floors_.reading(start + 3ms);
  const SteadyPoint answered = read({head("q", noon - 1h)}, 3ms);
  floors_.note(older, std::vector{head("q", noon)}, answered, noon);
  EXPECT_EQ(floors_.reading(answered).floors.at(0).due, noon - 1h);
}

TEST_F(HeadFloorsTest, AreNotUsedForVeryMany) {
  std::vector<WaitingHead> heads;
  for (int queue = 0; queue < 64; ++queue)
    heads.push_back(head("q" + std::to_string(queue), noon));
  EXPECT_THAT(floors_.reading(read(heads, 2ms)).floors, SizeIs(64));
  heads.push_back(head("one more", noon));
  EXPECT_THAT(floors_.reading(read(heads, 2ms)).floors, IsEmpty());
}

TEST_F(HeadFloorsTest, AreForgottenWhenThereIsNoRoomForOthers) {
  std::vector<WaitingHead> heads;
  for (int queue = 0; queue < 64; ++queue)
    heads.push_back(head("q" + std::to_string(queue), noon));
  read(heads, 2ms);
  const SteadyPoint answered = read({head("new", noon)}, 2ms);
  EXPECT_THAT(floors_.reading(answered).floors, SizeIs(1));
}

}  // namespace
}  // namespace errand::sql
