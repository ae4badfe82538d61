#include "worker/memory.hpp"

#include <cstdlib>
#include <malloc.h>
#include <vector>

#include <gtest/gtest.h>

namespace errand {
namespace {

constexpr std::size_t batch_bytes = 4'000'000;

/// Blocks that the allocator has from the system for one allocation each, and gives back with it.
std::size_t blocks_apart() {
  return ::mallinfo2().hblks;
}

/// The sanitizers' allocators tell nothing of themselves.
bool is_glibc_in_charge() {
  return ::mallinfo2().arena > 0;
}

/// A block is apart although a larger one was freed before.
bool keeps_blocks_apart() {
  { const std::vector<char> larger(batch_bytes, 'x'); }
  const std::size_t before = blocks_apart();
  const std::vector<char> next(batch_bytes / 2, 'x');
  return blocks_apart() > before;
}

/// In a process of its own: nothing takes the setting back.
[[noreturn]] void say_whether_apart(const char* variable, const char* value) {
  if (variable != nullptr)
    ::setenv(variable, value, 1);  // NOLINT(concurrency-mt-unsafe): its only thread
  return_large_blocks();
  const bool expected = variable == nullptr && is_glibc_in_charge();
  std::_Exit(keeps_blocks_apart() == expected ? 0 : 1);
}

class WorkerMemoryDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(WorkerMemoryDeathTest, GivesBackLargeBlocksAlsoAfterALargerOneWasFreed) {
  EXPECT_EXIT(say_whether_apart(nullptr, nullptr), testing::ExitedWithCode(0), "");
}

TEST_F(WorkerMemoryDeathTest, LeavesTheAllocatorToTheEnvironment) {
  EXPECT_EXIT(
      say_whether_apart("MALLOC_MMAP_THRESHOLD_", "1000000"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      say_whether_apart("MALLOC_TRIM_THRESHOLD_", "1000000"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(say_whether_apart("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=1000000"),
              testing::ExitedWithCode(0),
              "");
}

TEST(WorkerMemory, SaysHowMuchIsResident) {
  const std::int64_t before = resident_bytes();
  EXPECT_GT(before, 1'000'000);
  const std::vector<char> more(batch_bytes, 'x');
  EXPECT_GT(resident_bytes(), before);
}

}  // namespace
}  // namespace errand
