#include "worker/memory.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <string_view>

namespace errand {
namespace {

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

void return_large_blocks() {
  if (has_thresholds_from_environment())
    return;
#ifdef __GLIBC__
  constexpr int large_bytes = 128 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, large_bytes);
#endif
}

}  // namespace errand
