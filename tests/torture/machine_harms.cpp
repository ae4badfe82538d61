#include <fcntl.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "ambush.hpp"
#include "faketime.hpp"
#include "harm.hpp"
#include "sessions.hpp"
#include "spawn.hpp"

namespace errand::torture {
namespace {

std::filesystem::path folder_of_database(const std::string& url) {
  if (!is_sqlite(url))
    return PostgresSession{url}.ask("SHOW data_directory");
  return std::filesystem::absolute(path_of(url)).parent_path();
}

/// With a file of zeros.
class FillDisk final : public LastingHarm {
 public:
  explicit FillDisk(const Ground& ground)
      : LastingHarm{FaultKind::fill_disk, ground},
        ballast_{folder_of_database(ground.database_url) / "ballast"} {
    constexpr std::uint64_t small = std::uint64_t{2} << 30U;

    struct statvfs disk {};

    if (::statvfs(ballast_.parent_path().c_str(), &disk) != 0 ||
        disk.f_frsize * disk.f_blocks > small)
      throw Error{ErrorKind::invalid,
                  "the file system of " + ballast_.parent_path().string() +
                      " is too large to be filled; put the database on a small tmpfs, as root"};
  }

 private:
  bool begin(std::mt19937_64& /*random*/) override {
    const int fd = ::open(ballast_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
      return false;
    for (std::size_t size = 1U << 20U; size > 0; size /= 2) {
      const std::vector<char> zeros(size);
      while (::write(fd, zeros.data(), zeros.size()) > 0) {
      }
    }
    ::close(fd);
    return true;
  }

  /// PostgreSQL gives up when it cannot write its log.
  void end() override {
    ::unlink(ballast_.c_str());
    if (ground().restart_command.empty())
      return;
    try {
      PostgresSession{ground().database_url}.run("CHECKPOINT");
    } catch (const Error&) {
      restart_database(ground().restart_command);
    }
  }

  std::filesystem::path ballast_;
};

/// By strace: every third of the calls by which a worker writes its database, or speaks to it.
class FailCalls final : public LastingHarm {
 public:
  explicit FailCalls(const Ground& ground) : LastingHarm{FaultKind::fail_calls, ground} {
    if (run({"-V"}) != 0)
      throw Error{ErrorKind::invalid, "--fail-calls-every needs strace; install it"};
  }

 private:
  bool begin(std::mt19937_64& random) override {
    const auto node = ground().fleet.any_lively_node(random());
    const auto worker = node ? ground().fleet.any_worker(*node, random()) : std::nullopt;
    if (!worker)
      return false;
    meets(ground().fleet.main_process(*node), *worker);
    const bool files = is_sqlite(ground().database_url);
    const std::string calls = files ? "pwrite64,fdatasync,fsync" : "sendto,recvfrom";
    const std::array<const char*, 2> errors{files ? "ENOSPC" : "ECONNRESET",
                                            files ? "EIO" : "ETIMEDOUT"};
    strace_ =
        start({"-f",
               "-qqq",
               "-o",
               "/dev/null",
               "-e",
               "trace=" + calls,
               "-e",
               "inject=" + calls + ":error=" + errors.at(random() % errors.size()) + ":when=2+3",
               "-p",
               std::to_string(*worker)});
    return true;
  }

  void end() override {
    if (strace_ == 0)
      return;
    ::kill(strace_, SIGTERM);
    ::waitpid(std::exchange(strace_, 0), nullptr, 0);
  }

  [[nodiscard]] static pid_t start(std::vector<std::string> arguments) {
    return spawn_program("strace", std::move(arguments), {}, "/dev/null");
  }

  [[nodiscard]] static int run(std::vector<std::string> arguments) {
    int status = 0;
    try {
      ::waitpid(start(std::move(arguments)), &status, 0);
    } catch (const std::exception&) {
      return 1;
    }
    return status;
  }

  pid_t strace_{0};
};

/// On SQLite the clock of a node is the database's: there it jumps less than a lease.
class JumpClock final : public LastingHarm {
 public:
  explicit JumpClock(const Ground& ground) : LastingHarm{FaultKind::jump_clock, ground} {}

 private:
  bool begin(std::mt19937_64& random) override {
    constexpr std::array<int, 6> seconds{-600, 600, -20, 20, -1, 1};
    constexpr std::array<int, 4> seconds_within_lease{-5, 5, -1, 1};
    const bool sqlite = is_sqlite(ground().database_url);
    if (!sqlite)
      meets(ground().fleet.main_process(0), 0);
    set_clock(sqlite ? seconds_within_lease.at(random() % seconds_within_lease.size())
                     : seconds.at(random() % seconds.size()));
    return true;
  }

  void end() override { set_clock(0); }

  void set_clock(int seconds) const { set_fake_clock(ground().fleet.folder(), seconds); }
};

class Ambush final : public Harm {
 public:
  Ambush(const Ground& ground, std::string point) : ground_{ground}, point_{std::move(point)} {}

  /// It stays as long as another fault would: nobody may come that way at once.
  std::int64_t strike(std::mt19937_64& /*random*/) override {
    lay_ambush(ground_.fleet.folder(), point_);
    return ground_.hold_for_us;
  }

  void relieve() override { lift_ambush(ground_.fleet.folder(), point_); }

 private:
  const Ground& ground_;
  std::string point_;
};

}  // namespace

std::unique_ptr<Harm> make_machine_harm(FaultKind kind, const Ground& ground) {
  const auto ambush = [&](const char* point) {
    return std::make_unique<Ambush>(ground, point);
  };
  switch (kind) {
    case FaultKind::fill_disk:
      return std::make_unique<FillDisk>(ground);
    case FaultKind::fail_calls:
      return std::make_unique<FailCalls>(ground);
    case FaultKind::jump_clock:
      return std::make_unique<JumpClock>(ground);
    case FaultKind::kill_after_claim:
      return ambush("after-claim");
    case FaultKind::kill_before_flush:
      return ambush("before-flush");
    case FaultKind::kill_after_flush:
      return ambush("after-flush");
    case FaultKind::kill_before_next_link:
      return ambush("before-next-link");
    default:
      return nullptr;
  }
}

}  // namespace errand::torture
