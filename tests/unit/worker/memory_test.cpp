#include "worker/memory.hpp"

#include <cstdlib>
#include <malloc.h>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace errand {
namespace {

constexpr std::size_t batch_bytes = 3'500'000;
constexpr std::size_t payload_bytes = 10'000;

/// The sanitizers' allocators tell nothing of themselves.
bool is_glibc_in_charge() {
  return ::mallinfo2().arena > 0;
}

void use_memory_of_a_batch() {
  std::vector<std::string> payloads;
  for (std::size_t used = 0; used < batch_bytes; used += payload_bytes)
    payloads.emplace_back(payload_bytes, 'x');
}

struct Resident {
  std::int64_t before{0};
  std::int64_t after_batch{0};
  std::int64_t after_rest{0};

  [[nodiscard]] bool stays() const { return after_batch - before > 1'500'000; }

  [[nodiscard]] bool went_back() const { return after_batch - after_rest > 1'500'000; }
};

/// By a thread that is not the first one, so of another heap than its.
Resident work_and_rest() {
  Resident resident;
  std::thread{[&] {
    resident.before = resident_bytes();
    use_memory_of_a_batch();
    resident.after_batch = resident_bytes();
    return_free_memory();
    resident.after_rest = resident_bytes();
  }}.join();
  return resident;
}

/// In a process of its own: nothing takes the setting back.
[[noreturn]] void say_whether_kept_until_rest() {
  keep_memory_of_batches();
  const Resident resident = work_and_rest();
  std::_Exit(!is_glibc_in_charge() || (resident.stays() && resident.went_back()) ? 0 : 1);
}

[[noreturn]] void say_whether_left_alone(const char* variable, const char* value) {
  ::setenv(variable, value, 1);  // NOLINT(concurrency-mt-unsafe): its only thread
  keep_memory_of_batches();
  std::_Exit(!is_glibc_in_charge() || !work_and_rest().stays() ? 0 : 1);
}

class WorkerMemoryDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(WorkerMemoryDeathTest, KeepsWhatABatchTookUntilTheWorkerRests) {
  EXPECT_EXIT(say_whether_kept_until_rest(), testing::ExitedWithCode(0), "");
}

TEST_F(WorkerMemoryDeathTest, LeavesTheAllocatorToTheEnvironment) {
  EXPECT_EXIT(
      say_whether_left_alone("MALLOC_MMAP_THRESHOLD_", "100000"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      say_whether_left_alone("MALLOC_TRIM_THRESHOLD_", "100000"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(say_whether_left_alone("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=100000"),
              testing::ExitedWithCode(0),
              "");
}

TEST(WorkerMemory, SaysHowMuchIsResident) {
  const std::int64_t before = resident_bytes();
  EXPECT_GT(before, 1'000'000);
  const std::vector<char> more(2 * batch_bytes, 'x');
  EXPECT_GT(resident_bytes(), before);
}

}  // namespace
}  // namespace errand
