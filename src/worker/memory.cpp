#include "worker/memory.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <string_view>

namespace errand {
namespace {

constexpr int large_bytes = 1024 * 1024;
constexpr int kept_bytes = 4 * 1024 * 1024;
constexpr std::size_t large_enough_to_trim = 128 * 1024;  // glibc: FASTBIN_CONSOLIDATION_THRESHOLD

std::atomic<bool> keeps_memory{false};

std::string_view variable(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool has_thresholds_from_environment() {
  return !variable("MALLOC_MMAP_THRESHOLD_").empty() ||
         !variable("MALLOC_TRIM_THRESHOLD_").empty() ||
         variable("GLIBC_TUNABLES").find("_threshold=") != std::string_view::npos;
}

}  // namespace

std::int64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * ::sysconf(_SC_PAGESIZE);
}

void keep_memory_of_batches() {
#ifdef __GLIBC__
  if (has_thresholds_from_environment())
    return;
  ::mallopt(M_MMAP_THRESHOLD, large_bytes);
  ::mallopt(M_TRIM_THRESHOLD, kept_bytes);
  keeps_memory = true;
#endif
}

void return_free_memory() {
#ifdef __GLIBC__
  if (!keeps_memory)
    return;
  // malloc_trim() leaves the end of every heap but the first one alone: it goes when a large block
  // is freed.
  ::mallopt(M_TRIM_THRESHOLD, 0);
  std::free(std::malloc(large_enough_to_trim));
  ::mallopt(M_TRIM_THRESHOLD, kept_bytes);
  ::malloc_trim(0);
#endif
}

}  // namespace errand
