#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "helpers/processes.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

/// A manager in a process of its own, whose workers become this process's when it dies.
class ManagerProcess {
 public:
  ManagerProcess() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    int ends[2]{};
    if (::pipe(ends) != 0)
      return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execl(ERRAND_MANAGER_PROBE, ERRAND_MANAGER_PROBE, ERRAND_CHILD_PROBE, "serve", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_.reset(::fdopen(ends[0], "r"));
  }

  ManagerProcess(const ManagerProcess&) = delete;
  ManagerProcess& operator=(const ManagerProcess&) = delete;

  ~ManagerProcess() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }

  [[nodiscard]] int pid() const { return pid_; }

  [[nodiscard]] std::vector<int> workers() const {
    std::vector<int> pids;
    char line[32]{};
    while (pids.size() < 3 && std::fgets(line, sizeof line, output_.get()) != nullptr)
      pids.push_back(std::stoi(line));
    return pids;
  }

 private:
  struct Close {
    void operator()(FILE* file) const { std::fclose(file); }
  };

  int pid_{0};
  std::unique_ptr<FILE, Close> output_{};
};

TEST(ManagerDeath, MakesAllItsWorkersLeaveWithinASecond) {
  const ManagerProcess manager;
  const std::vector<int> workers = manager.workers();
  ASSERT_EQ(workers.size(), 3U);
  const auto killed = std::chrono::steady_clock::now();
  ASSERT_EQ(::kill(manager.pid(), SIGKILL), 0);
  ASSERT_EQ(::waitpid(manager.pid(), nullptr, 0), manager.pid());
  for (const int worker : workers) {
    int status = -1;
    EXPECT_EQ(::waitpid(worker, &status, 0), worker);  // the test's own time limit ends it
    EXPECT_TRUE(WIFEXITED(status)) << "it should leave by itself";
  }
  EXPECT_LT(std::chrono::steady_clock::now() - killed, 1s);
  EXPECT_EQ(children(), "");
}

}  // namespace
}  // namespace errand::testing
