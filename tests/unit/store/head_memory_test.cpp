#include "store/head_memory.hpp"

#include <gmock/gmock.h>

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const HeadMemory::Clock::time_point now{1h};

std::vector<WaitingHead> heads(std::size_t count) {
  return std::vector<WaitingHead>(count, WaitingHead{.queue = "q"});
}

TEST(HeadMemory, UsesManyForTenTimesAsLongAsTheyTook) {
  HeadMemory memory;
  memory.note_read(65, 20ms, now);
  memory.keep(heads(65));
  EXPECT_THAT(memory.take(now + 199ms), SizeIs(65));
  EXPECT_THAT(memory.take(now + 199ms), IsEmpty()) << "who has them has them alone";
  memory.keep(heads(65));
  EXPECT_THAT(memory.take(now + 200ms), IsEmpty());
}

TEST(HeadMemory, ReadsAFewEachTime) {
  HeadMemory memory;
  memory.note_read(64, 20ms, now);
  memory.keep(heads(64));
  EXPECT_THAT(memory.take(now), IsEmpty());
}

TEST(HeadMemory, ForgetsWhatIsSpent) {
  HeadMemory memory;
  memory.note_read(65, 20ms, now);
  auto left = heads(65);
  left[7].spent = true;
  memory.keep(left);
  EXPECT_THAT(memory.take(now), SizeIs(64));
}

}  // namespace
}  // namespace errand::sql
