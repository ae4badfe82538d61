#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "harm.hpp"
#include "pause.hpp"
#include "sessions.hpp"

namespace errand::torture {

void restart_database(const std::string& command) {
  constexpr std::int64_t patience_us = 120'000'000;
  const std::int64_t deadline = now_us() + patience_us;
  const std::atomic<bool> never{false};
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): the command is the operator's own argument
  while (std::system(command.c_str()) != 0) {
    if (now_us() > deadline)
      throw std::runtime_error{"the command that restarts the database failed"};
    pause_until(now_us() + 200'000, never);
  }
}

namespace {

class RestartDatabase final : public Harm {
 public:
  explicit RestartDatabase(const Ground& ground) : ground_{ground} {}

  std::int64_t strike(std::mt19937_64& /*random*/) override {
    const std::int64_t begin = now_us();
    restart_database(ground_.restart_command);
    ground_.history.write(line_of({FaultKind::restart_database, 0, 0, begin, now_us()}));
    return 0;
  }

 private:
  const Ground& ground_;
};

/// Its sessions die without the server's having ended them.
class KillPostmaster final : public Harm {
 public:
  explicit KillPostmaster(const Ground& ground)
      : ground_{ground},
        pid_file_{PostgresSession{ground.database_url}.ask("SHOW data_directory") +
                  "/postmaster.pid"} {}

  std::int64_t strike(std::mt19937_64& /*random*/) override {
    pid_t postmaster = 0;
    std::ifstream{pid_file_} >> postmaster;
    if (postmaster <= 1)
      return 0;
    const std::int64_t begin = now_us();
    ::kill(postmaster, SIGKILL);
    wait_for_the_end_of(postmaster);
    restart_database(ground_.restart_command);
    ground_.history.write(line_of({FaultKind::kill_postmaster, 0, 0, begin, now_us()}));
    return 0;
  }

 private:
  /// Whoever restarts it takes it for alive as long as nobody has asked how it ended.
  static void wait_for_the_end_of(pid_t postmaster) {
    const std::int64_t deadline = now_us() + 10'000'000;
    const std::atomic<bool> never{false};
    while (::kill(postmaster, 0) == 0 && now_us() < deadline)
      pause_until(now_us() + 10'000, never);
  }

  const Ground& ground_;
  std::string pid_file_;
};

}  // namespace

std::unique_ptr<Harm> make_crash_harm(FaultKind kind, const Ground& ground) {
  if (ground.restart_command.empty())
    return nullptr;
  if (kind == FaultKind::restart_database)
    return std::make_unique<RestartDatabase>(ground);
  if (kind == FaultKind::kill_postmaster)
    return std::make_unique<KillPostmaster>(ground);
  return nullptr;
}

}  // namespace errand::torture
