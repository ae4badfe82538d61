// Programs that tests run beside themselves, as a user that servers accept.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdexcept>

#include "helpers/postgres_cluster.hpp"

namespace errand::testing {
namespace {

/// In the child, between fork and exec: only what is safe there.
[[noreturn]] void become(const Account& account, char* const* argv, int log) {
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const bool changed =
      ::geteuid() != 0 ||
      (::setgroups(0, nullptr) == 0 && ::setgid(account.group) == 0 && ::setuid(account.user) == 0);
  if (changed && ::prctl(PR_SET_PDEATHSIG, SIGQUIT) == 0)
    ::execv(argv[0], argv);
  ::_exit(127);
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

pid_t start_server_program(std::vector<std::string> command, const std::filesystem::path& log) {
  std::vector<char*> argv;
  for (std::string& word : command)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  const Account account = server_account();
  const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t pid = ::fork();
  if (pid == 0)
    become(account, argv.data(), fd);
  ::close(fd);
  if (pid < 0)
    throw std::runtime_error{"fork failed"};
  return pid;
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
