// Programs that tests run beside themselves, as a user that servers accept.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <netinet/in.h>
#include <pwd.h>
#include <stdexcept>

#include "base/unique_fd.hpp"
#include "helpers/postgres_cluster.hpp"

namespace errand::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// In the child, between fork and exec: only what is safe there.
[[noreturn]] void become(const Account& account, char* const* argv, char* const* envp, int log) {
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const bool changed =
      ::geteuid() != 0 ||
      (::setgroups(0, nullptr) == 0 && ::setgid(account.group) == 0 && ::setuid(account.user) == 0);
  if (changed && ::prctl(PR_SET_PDEATHSIG, SIGQUIT) == 0)
    ::execve(argv[0], argv, envp);
  ::_exit(127);
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_and(const std::filesystem::path& told_at) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  if (!told_at.empty())
    variables.push_back("NOTIFY_SOCKET=" + told_at.string());
  return variables;
}

UniqueFd listen_at(const std::filesystem::path& path) {
  UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  std::filesystem::remove(path);
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::chmod(path.c_str(), 0666) != 0)
    throw std::runtime_error{"cannot listen at " + path.string()};
  return socket;
}

UniqueFd watch_of(pid_t pid) {
  return UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

bool tells_ready(int socket) {
  std::array<char, 256> text{};
  const ssize_t size = ::recv(socket, text.data(), text.size(), MSG_DONTWAIT);
  return size > 0 && std::string_view{text.data(), static_cast<std::size_t>(size)}.find(
                         "READY=1") != std::string_view::npos;
}

/// Until the server tells that it is ready; false if it ends first, or does not tell.
bool is_told_ready(int socket, int server, milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  for (auto left = limit; left.count() > 0;
       left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now())) {
    std::array<pollfd, 2> watched{{{socket, POLLIN, 0}, {server, POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
    if (watched[0].revents != 0 && tells_ready(socket))
      return true;
    if (watched[1].revents != 0)
      return false;
  }
  return false;
}

}  // namespace

Account server_account() {
  if (::geteuid() != 0)
    return {::geteuid(), ::getegid()};
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr)
    throw std::runtime_error{"there is no user postgres; install Debian's package postgresql"};
  return {user->pw_uid, user->pw_gid};
}

std::filesystem::path make_server_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "errand-pg-XXXXXX").string();
  const Account account = server_account();
  if (::mkdtemp(pattern.data()) == nullptr ||
      ::chown(pattern.c_str(), account.user, account.group) != 0)
    throw std::runtime_error{"cannot make a folder for a server"};
  return pattern;
}

pid_t start_server_program(std::vector<std::string> command,
                           const std::filesystem::path& log,
                           const std::filesystem::path& told_at) {
  std::vector<std::string> variables = environment_and(told_at);
  const std::vector<char*> argv = pointers_to(command);
  const std::vector<char*> envp = pointers_to(variables);
  const Account account = server_account();
  const UniqueFd fd{::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  const pid_t pid = ::fork();
  if (pid == 0)
    become(account, argv.data(), envp.data(), fd.get());
  if (pid < 0)
    throw std::runtime_error{"fork failed"};
  return pid;
}

pid_t start_server(std::vector<std::string> command,
                   const std::filesystem::path& folder,
                   milliseconds limit) {
  const auto log = folder / "server.log";
  const auto told_at = folder / "ready";
  const std::string program = command.front();
  const UniqueFd socket = listen_at(told_at);
  const pid_t pid = start_server_program(std::move(command), log, told_at);
  if (is_told_ready(socket.get(), watch_of(pid).get(), limit))
    return pid;
  ::kill(pid, SIGQUIT);
  ::waitpid(pid, nullptr, 0);
  std::ifstream said{log};
  throw std::runtime_error{
      program + " does not start: " + std::string{std::istreambuf_iterator<char>{said}, {}}};
}

bool has_ended(pid_t pid, milliseconds limit) {
  const UniqueFd watch = watch_of(pid);
  pollfd watched{watch.get(), POLLIN, 0};
  return !watch || ::poll(&watched, 1, static_cast<int>(limit.count())) == 1;
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

}  // namespace errand::testing
