// The one PostgreSQL server of a ctest run. `start FILE` makes it, leaves it running behind a
// keeper process, and writes its URL to FILE; `stop FILE` ends the keeper and with it the server.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "helpers/postgres_cluster.hpp"
#include "helpers/processes.hpp"

namespace {

using errand::testing::PostgresCluster;

std::string keeper_file(const std::string& file) {
  return file + ".keeper";
}

/// The keeper: holds the server until it is told to end, or nobody has told for an hour.
int keep(const std::string& file) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  ::setsid();
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO})
    ::dup2(nowhere, fd);
  const PostgresCluster cluster;
  errand::testing::make_postgres_template(cluster.url());
  std::ofstream{file + ".new"} << cluster.url();
  std::filesystem::rename(file + ".new", file);
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
  for (int turn = 0; turn < 1000 && runs && is_keeper(keeper); ++turn)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  std::filesystem::remove(keeper_file(file));
  std::filesystem::remove(file);
  return 0;
}

int start(const std::string& file) {
  stop(file);
  const pid_t keeper = ::fork();
  if (keeper == 0)
    std::exit(keep(file));
  std::ofstream{keeper_file(file)} << keeper;
  for (int turn = 0; turn < 5000; ++turn) {
    if (std::filesystem::exists(file))
      return 0;
    if (errand::testing::process_state(keeper) == 'Z')
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  std::cerr << "the PostgreSQL server of the tests did not start\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3)
    return 2;
  return std::string{argv[1]} == "start" ? start(argv[2]) : stop(argv[2]);
}
