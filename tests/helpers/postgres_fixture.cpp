// The one PostgreSQL server of a ctest run. `start FILE` makes it, leaves it running behind a
// keeper process, and writes its URL to FILE; `stop FILE` ends the keeper and with it the server.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/unique_fd.hpp"
#include "helpers/postgres_cluster.hpp"

namespace {

using namespace std::chrono_literals;
using errand::testing::PostgresCluster;
using std::chrono::milliseconds;

std::string keeper_file(const std::string& file) {
  return file + ".keeper";
}

/// The keeper: holds the server until it is told to end, or nobody has told for an hour. Closes
/// `starts` once the address is in the file, or with its end.
int keep(const std::string& file, errand::UniqueFd starts) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  ::setsid();
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO})
    ::dup2(nowhere, fd);
  const PostgresCluster cluster;
  errand::testing::make_postgres_templates(cluster.url());
  std::ofstream{file + ".new"} << cluster.url();
  std::filesystem::rename(file + ".new", file);
  starts.reset();
  ::dup2(nowhere, STDERR_FILENO);
  const timespec hour{3600, 0};
  sigtimedwait(&ends, nullptr, &hour);
  std::filesystem::remove(file);
  return 0;
}

/// The number in the file may be of a run long ago, and somebody else's by now.
bool is_keeper(pid_t pid) {
  std::error_code gone;
  const auto program = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", gone);
  return !gone && program.filename() == "postgres_fixture";
}

int stop(const std::string& file) {
  pid_t keeper = 0;
  std::ifstream{keeper_file(file)} >> keeper;
  const bool runs = keeper > 0 && is_keeper(keeper);
  if (runs)
    ::kill(keeper, SIGTERM);
  if (runs && !errand::testing::has_ended(keeper, 10s))
    std::cerr << "the PostgreSQL server of the tests did not end\n";
  std::filesystem::remove(keeper_file(file));
  std::filesystem::remove(file);
  return 0;
}

int start(const std::string& file) {
  stop(file);
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return 1;
  const errand::UniqueFd started{ends[0]};
  errand::UniqueFd starts{ends[1]};
  const pid_t keeper = ::fork();
  if (keeper == 0)
    std::exit(keep(file, std::move(starts)));
  starts.reset();
  std::ofstream{keeper_file(file)} << keeper;
  pollfd watched{started.get(), POLLIN, 0};
  ::poll(&watched, 1, static_cast<int>(milliseconds{50s}.count()));
  if (std::filesystem::exists(file))
    return 0;
  std::cerr << "the PostgreSQL server of the tests did not start\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3)
    return 2;
  return std::string{argv[1]} == "start" ? start(argv[2]) : stop(argv[2]);
}
