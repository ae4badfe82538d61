#include "worker/memory.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <malloc.h>

namespace errand {

std::int64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * ::sysconf(_SC_PAGESIZE);
}

void return_large_blocks() {
#ifdef __GLIBC__
  constexpr int large_bytes = 128 * 1024;
  for (const char* wish : {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    if (std::getenv(wish) != nullptr)
      return;
  }
  ::mallopt(M_MMAP_THRESHOLD, large_bytes);
#endif
}

}  // namespace errand
