#include "common/measure.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <time.h>

namespace errand::bench {

namespace {

std::filesystem::directory_iterator tasks_of(pid_t pid) {
  std::error_code gone;
  return {"/proc/" + std::to_string(pid) + "/task", gone};
}

/// A number of /proc/PID/stat by its place as in proc(5). The second, the program's name, may hold
/// blanks.
std::int64_t stat_field(pid_t pid, std::size_t place) {
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{stat}, {}};
  std::istringstream after_name{text.substr(std::min(text.size(), text.rfind(')') + 2))};
  std::string word;
  for (std::size_t at = 3; at <= place && after_name >> word; ++at)
    if (at == place)
      return std::stoll(word);
  return 0;
}

}  // namespace

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
  return {values.front(), at(0.5), at(0.95), at(0.99), values.back()};
}

std::int64_t cpu_ns_of(pid_t pid) {
  std::int64_t total = 0;
  for (const auto& task : tasks_of(pid)) {
    std::ifstream schedstat{task.path() / "schedstat"};
    std::int64_t on_cpu = 0;
    schedstat >> on_cpu;
    total += on_cpu;
  }
  return total;
}

std::int64_t cpu_ns_of_server(pid_t server) {
  constexpr std::size_t ended_user = 16;
  constexpr std::size_t ended_system = 17;
  const std::int64_t tick_ns = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
  std::int64_t total =
      cpu_ns_of(server) +
      (stat_field(server, ended_user) + stat_field(server, ended_system)) * tick_ns;
  for (const pid_t child : children_of(server))
    total += cpu_ns_of(child);
  return total;
}

std::int64_t cpu_ns_of_ended_children() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000'000 +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
}

pid_t parent_of(pid_t pid) {
  constexpr std::size_t parent = 4;
  return static_cast<pid_t>(stat_field(pid, parent));
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

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> found;
  for (const auto& task : tasks_of(pid)) {
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
