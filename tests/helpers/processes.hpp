#pragma once

#include <signal.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace errand::testing {

[[nodiscard]] inline bool exists(int pid) {
  return ::kill(pid, 0) == 0 || errno != ESRCH;
}

/// The state letter of /proc, or 0 when there is no such process.
[[nodiscard]] inline char process_state(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::size_t end = text.rfind(')');
  return end == std::string::npos || end + 2 >= text.size() ? '\0' : text[end + 2];
}

[[nodiscard]] inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                       std::filesystem::directory_iterator{});
}

/// Children of this process, zombies included.
[[nodiscard]] inline std::string children() {
  std::string all;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream file{task.path() / "children"};
    all += std::string{std::istreambuf_iterator<char>{file}, {}};
  }
  return all;
}

}  // namespace errand::testing
