#include "measure.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <time.h>

namespace errand::bench {

std::int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const auto index =
        static_cast<std::size_t>(std::floor(share * static_cast<double>(values.size() - 1) + 0.5));
    return values.at(index);
  };
  return {values.front(), at(0.5), at(0.99), values.back()};
}

std::int64_t cpu_ns_of(pid_t pid) {
  std::int64_t total = 0;
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task", ignored}) {
    std::ifstream schedstat{task.path() / "schedstat"};
    std::int64_t on_cpu = 0;
    schedstat >> on_cpu;
    total += on_cpu;
  }
  return total;
}

double pss_mb_of(pid_t pid) {
  std::ifstream rollup{"/proc/" + std::to_string(pid) + "/smaps_rollup"};
  for (std::string word; rollup >> word;) {
    if (word != "Pss:")
      continue;
    double kilobytes = 0;
    rollup >> kilobytes;
    return kilobytes / 1024;
  }
  return 0;
}

std::vector<pid_t> children_of_this_process() {
  std::vector<pid_t> found;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream children{task.path() / "children"};
    for (pid_t child = 0; children >> child;)
      found.push_back(child);
  }
  return found;
}

std::string grouped(double value) {
  std::string digits = std::to_string(static_cast<std::int64_t>(std::llround(value)));
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

}  // namespace errand::bench
