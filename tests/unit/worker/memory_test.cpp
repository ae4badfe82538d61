#include "worker/memory.hpp"

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

TEST(WorkerMemory, GivesBackLargeBlocksAlsoAfterALargerOneWasFreed) {
  return_large_blocks();
  { const std::vector<char> larger(batch_bytes, 'x'); }
  const std::size_t before = blocks_apart();
  const std::vector<char> next(batch_bytes / 2, 'x');
  EXPECT_EQ(blocks_apart(), before + (is_glibc_in_charge() ? 1 : 0));
}

TEST(WorkerMemory, SaysHowMuchIsResident) {
  const std::int64_t before = resident_bytes();
  EXPECT_GT(before, 1'000'000);
  const std::vector<char> more(batch_bytes, 'x');
  EXPECT_GT(resident_bytes(), before);
}

}  // namespace
}  // namespace errand
