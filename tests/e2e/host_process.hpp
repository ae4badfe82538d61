#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <errand/errand.hpp>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "helpers/postgres_cluster.hpp"

namespace errand::e2e {

inline constexpr std::chrono::seconds patience{15};

/// A folder that goes away with the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_{};
};

/// One run of the host program, or of another; killed with its test if it still lives. Its standard
/// error is read line by line.
class HostProcess {
 public:
  HostProcess(std::vector<std::string> arguments,
              std::map<std::string, std::string> environment,
              std::string program = E2E_HOST);
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;
  ~HostProcess();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  void signal(int number) const;

  /// The first line, from `from` on, that contains all of `parts`; fails the test when it does not
  /// come in time.
  std::string wait_for_line(const std::vector<std::string>& parts, std::size_t from = 0);
  [[nodiscard]] std::size_t lines_so_far();
  [[nodiscard]] std::string output();
  /// Once it and its children have closed their standard error; fails the test when they do not in
  /// time.
  [[nodiscard]] std::string whole_output();

  /// Exit code, or 128 + signal. Fails the test when it does not end in time.
  int wait_for_exit();

  /// Processes whose parent this one is, or was when `remember_children` was called.
  [[nodiscard]] std::vector<pid_t> children() const;

 private:
  void read_lines(int fd);

  pid_t pid_{-1};
  std::optional<int> exit_code_{};
  std::thread reader_{};
  std::mutex mutex_{};
  std::condition_variable more_{};
  std::vector<std::string> lines_{};
  bool ended_{false};
};

/// Asks again and again, a hundred times a second, until `question` says yes or the deadline
/// passes.
bool eventually(const std::function<bool()>& question, std::chrono::milliseconds limit = patience);

[[nodiscard]] bool is_alive(pid_t pid);
[[nodiscard]] std::vector<std::string> lines_of(const std::filesystem::path& file);

/// A FIFO that a `gate` job waits at.
class Gate {
 public:
  explicit Gate(std::filesystem::path path);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  [[nodiscard]] std::string path() const { return path_.string(); }

  /// Returns once a job stands at the gate (true) or the patience is over.
  bool wait_for_job();
  /// Lets the job that stands there pass.
  void open();

 private:
  std::filesystem::path path_;
  int fd_{-1};
};

/// Where a test's jobs are: in a file of its folder, or, when ERRAND_E2E is `postgresql`, `pooled`
/// or `least_privilege`, in a database of its own on the run's server; through PgBouncer in
/// transaction mode, or as the role that docs/postgresql.md makes.
class Home {
 public:
  enum class Kind { as_asked, sqlite, postgresql, pooled, least_privilege };

  explicit Home(Kind kind = Kind::as_asked);

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  std::unique_ptr<Folder> folder_{};
  std::unique_ptr<testing::TemporaryPostgres> postgres_{};
  std::string url_{};
};

/// A served host and a client of its database in the test's own process.
class Served {
 public:
  explicit Served(std::map<std::string, std::string> more = {}, Home::Kind kind = {});
  /// One node of a database that is somewhere else.
  Served(std::map<std::string, std::string> more, std::string database_url);

  void start();
  void stop_and_expect_success();

  /// The pid of the worker that runs this job, from the table.
  [[nodiscard]] pid_t worker_of(JobId id);

  Job submit(const NewJob& job) { return client_.worker_manager().submit_job(job); }

  Job finished(JobId id);

  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  std::unique_ptr<Home> home_{};

 public:
  Folder folder_{};
  std::map<std::string, std::string> environment_{};
  std::unique_ptr<HostProcess> host_{};
  ServerApp client_;

 private:
  Served(std::map<std::string, std::string> more, std::unique_ptr<Home> home);

  int port_{0};
};

/// The types of the host program, for clients that only submit.
[[nodiscard]] JobRegistry host_types();

}  // namespace errand::e2e
