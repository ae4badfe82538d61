#include "common/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace errand::bench {
namespace {

/// What a process of a crew finds: it closes one when it is ready, and begins when the other ends.
constexpr int ready_fd = 3;
constexpr int begin_fd = 4;

/// Nobody writes anything: a pipe ends when the last who could has closed it.
void wait_for_end_of(int reading) {
  char none = 0;
  while (::read(reading, &none, 1) != 0)
    if (errno != EINTR)
      throw std::runtime_error{"cannot wait for another process of the benchmark"};
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw std::runtime_error{"cannot make a pipe to another process of the benchmark"};
    reading = ends[0];
    writing = ends[1];
  }

  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  ~Pipe() {
    ::close(reading);
    end();
  }

  void end() { ::close(std::exchange(writing, -1)); }

  int reading{-1};
  int writing{-1};
};

/// Processes of this program that begin together.
class Crew {
 public:
  Crew(int count, const std::vector<std::string>& arguments)
      : children_(static_cast<std::size_t>(count)) {
    std::vector<std::string> texts{"/proc/self/exe"};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& text : texts)
      argv.push_back(text.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ready_.writing, ready_fd);
    posix_spawn_file_actions_adddup2(&files, begin_.reading, begin_fd);
    for (pid_t& child : children_)
      if (::posix_spawn(&child, texts.front().c_str(), &files, nullptr, argv.data(), environ) != 0)
        throw std::runtime_error{"cannot start another process of the benchmark"};
    posix_spawn_file_actions_destroy(&files);
  }

  void wait_until_ready() {
    ready_.end();
    wait_for_end_of(ready_.reading);
  }

  void begin() { begin_.end(); }

  void wait_until_ended() {
    for (const pid_t child : children_) {
      int status = 0;
      if (::waitpid(child, &status, 0) != child || status != 0)
        throw std::runtime_error{"a process of the benchmark failed"};
    }
  }

 private:
  Pipe ready_{};
  Pipe begin_{};
  std::vector<pid_t> children_;
};

}  // namespace

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

double run_self(int count, const std::vector<std::string>& arguments) {
  Crew crew{count, arguments};
  crew.wait_until_ready();
  const Stopwatch watch;
  crew.begin();
  crew.wait_until_ended();
  return watch.seconds();
}

void wait_for_the_others() {
  ::close(ready_fd);
  wait_for_end_of(begin_fd);
  ::close(begin_fd);
}

void print_rate(const std::string& what, double jobs, double seconds) {
  std::printf("%-44s %10.0f jobs/s\n", what.c_str(), jobs / seconds);
  std::fflush(stdout);
}

}  // namespace errand::bench
