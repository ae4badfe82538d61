#include "store/head_memory.hpp"

#include <gmock/gmock.h>

#include "helpers/settable_clock.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HeadMemories : public ::testing::Test {
 protected:
  /// Reads heads, in so long, and takes none of them.
  void read(std::size_t count, std::chrono::microseconds took) {
    const SteadyPoint asked = memory_.now();
    clock_->advance_steady(took);
    memory_.note_read(heads(count), {.asked = asked}, TimePoint{});
    memory_.keep(heads(count));
  }

  static std::vector<WaitingHead> heads(std::size_t count) {
    return std::vector<WaitingHead>(count, WaitingHead{.queue = "q"});
  }

  std::shared_ptr<testing::SettableClock> clock_{std::make_shared<testing::SettableClock>()};
  HeadMemory memory_{clock_};
};

TEST_F(HeadMemories, UseManyForTwentyTimesAsLongAsTheyTook) {
  read(65, 1ms);
  clock_->advance_steady(19999us);
  EXPECT_THAT(memory_.take(), SizeIs(65));
  EXPECT_THAT(memory_.take(), IsEmpty()) << "who has them has them alone";
  memory_.keep(heads(65));
  clock_->advance_steady(1us);
  EXPECT_THAT(memory_.take(), IsEmpty());
}

TEST_F(HeadMemories, ReadAFewEachTime) {
  read(64, 1999us);
  EXPECT_THAT(memory_.take(), IsEmpty());
}

TEST_F(HeadMemories, UseAFewThatTookLongForTwentyTimesAsLong) {
  read(1, 2ms);
  clock_->advance_steady(39999us);
  EXPECT_THAT(memory_.take(), SizeIs(1));
  memory_.keep(heads(1));
  clock_->advance_steady(1us);
  EXPECT_THAT(memory_.take(), IsEmpty());
}

TEST_F(HeadMemories, ForgetWhatIsSpent) {
  read(65, 20ms);
  auto left = memory_.take();
  left[7].spent = true;
  memory_.keep(left);
  EXPECT_THAT(memory_.take(), SizeIs(64));
}

}  // namespace
}  // namespace errand::sql
