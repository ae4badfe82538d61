#include "common/process.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace errand::bench {

BenchFolder::BenchFolder() {
  std::string pattern = (std::filesystem::current_path() / "bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"cannot make the folder " + pattern};
  path_ = pattern;
}

BenchFolder::~BenchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string BenchFolder::file(const std::string& name) const {
  return (path_ / name).string();
}

void run_self(int count, const std::vector<std::string>& arguments) {
  std::vector<std::string> texts{"/proc/self/exe"};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& text : texts)
    argv.push_back(text.data());
  argv.push_back(nullptr);
  std::vector<pid_t> children(static_cast<std::size_t>(count));
  for (pid_t& child : children)
    if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, argv.data(), environ) != 0)
      throw std::runtime_error{"cannot start another process of the benchmark"};
  for (const pid_t child : children) {
    int status = 0;
    if (::waitpid(child, &status, 0) != child || status != 0)
      throw std::runtime_error{"a process of the benchmark failed"};
  }
}

void print_rate(const std::string& what, double jobs, double seconds) {
  std::printf("%-44s %10.0f jobs/s\n", what.c_str(), jobs / seconds);
  std::fflush(stdout);
}

}  // namespace errand::bench
