#include "manager/spawner.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <errand/error.hpp>
#include <string_view>
#include <system_error>

namespace errand {
namespace {

constexpr const char* own_program = "/proc/self/exe";

[[noreturn]] void refuse(int slot, const std::string& what, int error) {
  throw Error{ErrorKind::unavailable,
              "cannot start worker " + std::to_string(slot) + ": " + what + ": " +
                  std::generic_category().message(error) + "; it is tried again"};
}

/// posix_spawn's lists, which must be destroyed.
class SpawnPlan {
 public:
  explicit SpawnPlan(int slot) : slot_{slot} {
    check(::posix_spawn_file_actions_init(&actions_), "preparing");
    check(::posix_spawnattr_init(&attributes_), "preparing");
  }

  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void set_descriptors(int ipc_fd, int flight_fd, int audience_fd) {
    check(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
          "preparing its input");
    check(::posix_spawn_file_actions_adddup2(&actions_, ipc_fd, worker_ipc_fd),
          "preparing its line");
    check(::posix_spawn_file_actions_adddup2(&actions_, flight_fd, worker_flight_fd),
          "preparing its flight recorder");
    if (audience_fd >= 0)
      check(::posix_spawn_file_actions_adddup2(&actions_, audience_fd, worker_audience_fd),
            "preparing its list of users");
    const int last = audience_fd >= 0 ? worker_audience_fd : worker_flight_fd;
    check(::posix_spawn_file_actions_addclosefrom_np(&actions_, last + 1),
          "preparing its descriptors");
  }

  void reset_signals_and_group() {
    sigset_t none{};
    sigset_t all{};
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::sigdelset(&all, SIGKILL);
    ::sigdelset(&all, SIGSTOP);
    check(::posix_spawnattr_setsigmask(&attributes_, &none), "preparing its signals");
    check(::posix_spawnattr_setsigdefault(&attributes_, &all), "preparing its signals");
    check(::posix_spawnattr_setpgroup(&attributes_, 0), "preparing its process group");
    check(::posix_spawnattr_setflags(
              &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP),
          "preparing its signals");
  }

  int spawn(const std::string& program,
            const std::vector<char*>& arguments,
            const std::vector<char*>& environment) {
    pid_t pid = 0;
    check(::posix_spawn(
              &pid, program.c_str(), &actions_, &attributes_, arguments.data(), environment.data()),
          "running " + program);
    return pid;
  }

 private:
  void check(int error, const std::string& what) const {
    if (error != 0)
      refuse(slot_, what, error);
  }

  int slot_;
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// Above the numbers that dup2 is about to write to, or one would overwrite the other.
UniqueFd duplicate_above(int slot, int fd) {
  UniqueFd copy{::fcntl(fd, F_DUPFD_CLOEXEC, worker_audience_fd + 1)};
  if (!copy)
    refuse(slot, "copying a descriptor", errno);
  return copy;
}

std::string own_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = ::readlink(own_program, path.data(), path.size());
  return size > 0 ? std::string{path.data(), static_cast<std::size_t>(size)} : own_program;
}

std::string variable_name(std::string_view assignment) {
  return std::string{assignment.substr(0, assignment.find('='))};
}

std::vector<std::string> worker_environment(const SpawnRequest& request) {
  std::vector<std::string> added{
      "WORKER_ID=" + std::to_string(request.slot),
      "ERRAND_IPC_FD=" + std::to_string(worker_ipc_fd),
      "NODE_CHANNEL_FD=" + std::to_string(worker_ipc_fd),
      "ERRAND_FLIGHT_FD=" + std::to_string(worker_flight_fd),
      "ERRAND_AUDIENCE_FD=" + std::to_string(request.audience_fd < 0 ? -1 : worker_audience_fd),
  };
  for (const auto& [name, value] : request.environment)
    added.push_back(std::string{name}.append("=").append(value));
  const auto is_replaced = [&](std::string_view assignment) {
    const std::string name = variable_name(assignment);
    return std::any_of(added.begin(), added.end(), [&](const std::string& other) {
      return variable_name(other) == name;
    });
  };
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!is_replaced(*entry))
      variables.emplace_back(*entry);
  variables.insert(variables.end(), added.begin(), added.end());
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Before the manager, if memory runs out: it can replace a worker, nothing replaces it. May be
// refused.
void offer_to_oom_killer(int pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/oom_score_adj";
  const UniqueFd file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  constexpr std::string_view score = "500";
  if (file && ::write(file.get(), score.data(), score.size()) < 0)
    return;
}

ExitStatus read_status(int status, const rusage& usage) {
  const auto spent = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  ExitStatus exit;
  exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  exit.peak_rss_bytes = std::int64_t{usage.ru_maxrss} * 1024;
  exit.cpu_time =
      std::chrono::duration_cast<milliseconds>(spent(usage.ru_utime) + spent(usage.ru_stime));
  return exit;
}

// If another part of the program reaped it, its number may already be a stranger's.
bool is_own_child(int pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

ExitStatus reap(int pid, int options) {
  int status = 0;
  rusage usage{};
  pid_t reaped = 0;
  do
    reaped = ::wait4(pid, &status, options, &usage);
  while (reaped < 0 && errno == EINTR);
  ExitStatus exit;
  exit.known = false;
  return reaped == pid ? read_status(status, usage) : exit;
}

}  // namespace

SpawnedWorker spawn_worker(const SpawnRequest& request) {
  const UniqueFd ipc_fd = duplicate_above(request.slot, request.ipc_fd);
  const UniqueFd flight_fd = duplicate_above(request.slot, request.flight_fd);
  const UniqueFd audience_fd =
      request.audience_fd < 0 ? UniqueFd{} : duplicate_above(request.slot, request.audience_fd);
  SpawnPlan plan{request.slot};
  plan.set_descriptors(ipc_fd.get(), flight_fd.get(), audience_fd.get());
  plan.reset_signals_and_group();
  const bool itself = request.arguments.empty();
  std::vector<std::string> arguments =
      itself ? std::vector<std::string>{own_path()} : request.arguments;
  std::vector<std::string> environment = worker_environment(request);
  SpawnedWorker worker;
  worker.pid = plan.spawn(
      itself ? own_program : arguments.front(), pointers_to(arguments), pointers_to(environment));
  worker.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, worker.pid, 0)));
  offer_to_oom_killer(worker.pid);
  return worker;
}

std::optional<ExitStatus> try_reap(int pid) {
  siginfo_t info{};
  const int error = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  if (error == 0 && info.si_pid == 0)
    return std::nullopt;
  const bool in_order = info.si_code == CLD_EXITED && info.si_status == 0;
  // Still a zombie, so its group's number cannot belong to anybody else yet.
  if (error == 0 && !in_order)
    kill_group(pid);
  return reap(pid, WNOHANG);
}

void kill_and_reap(int pid) {
  kill_group(pid);
  static_cast<void>(reap(pid, 0));
}

void send_signal(int pid, int signal) {
  if (is_own_child(pid))
    ::kill(pid, signal);
}

void kill_group(int pid) {
  if (!is_own_child(pid))
    return;
  ::kill(pid, SIGKILL);
  ::kill(-pid, SIGKILL);
}

std::string worker_name(int slot, int pid) {
  return "worker " + std::to_string(slot) + " (pid " + std::to_string(pid) + ")";
}

std::string death_sentence(const DeathFacts& facts, const ExitStatus& status) {
  const std::string who = worker_name(facts.slot, facts.pid);
  if (!status.known)
    return who + " ended, but how is not known: another part of the program waited for it";
  if (status.signal != 0) {
    const char* description = ::sigdescr_np(status.signal);
    return who + " was killed by signal " + std::to_string(status.signal) + " (" +
           (description != nullptr ? description : "a real-time signal") + ")";
  }
  std::string sentence = who + " exited with code " + std::to_string(status.exit_code);
  if (!facts.expected && facts.jobs_running == 1)
    sentence += " in the middle of a job";
  else if (!facts.expected && facts.jobs_running > 1)
    sentence += " in the middle of " + std::to_string(facts.jobs_running) + " jobs";
  return sentence;
}

}  // namespace errand
