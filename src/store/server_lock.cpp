#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/system_clock.hpp"
#include "base/time_text.hpp"
#include "base/unique_fd.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

/// The lock ends with the descriptor, so with the process; the file stays and is overwritten by the
/// next holder.
class FileServerLock final : public ServerLock {
 public:
  explicit FileServerLock(UniqueFd fd) : fd_{std::move(fd)} {}

 private:
  UniqueFd fd_;
};

std::string read_holder(int fd) {
  std::array<char, 128> buffer{};
  const auto size = ::pread(fd, buffer.data(), buffer.size(), 0);
  std::string holder{buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0U};
  while (!holder.empty() && holder.back() == '\n')
    holder.pop_back();
  return holder.empty() ? "another process" : holder;
}

void write_holder(int fd, const std::string& path) {
  const std::string holder = "process " + std::to_string(::getpid()) + ", since " +
                             iso8601(SystemClock{}.wall_now()) + "\n";
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size()))
    throw Error{ErrorKind::unavailable,
                "cannot write the server lock " + path + ": " + std::strerror(errno)};
}

}  // namespace

std::unique_ptr<ServerLock> lock_server_file(const std::string& sqlite_path) {
  const std::string path = sqlite_path + "-server";
  UniqueFd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!fd)
    throw Error{ErrorKind::unavailable,
                "cannot open the server lock " + path + ": " + std::strerror(errno) +
                    "; the folder must exist and be writable by this user"};
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      throw Error{ErrorKind::unavailable,
                  "cannot take the server lock " + path + ": " + std::strerror(errno)};
    throw Error{ErrorKind::conflict,
                "a server already runs on the database " + sqlite_path + " (" +
                    read_holder(fd.get()) +
                    "); stop that one first, or start workers with "
                    "`errand work`"};
  }
  write_holder(fd.get(), path);
  return std::make_unique<FileServerLock>(std::move(fd));
}

}  // namespace errand
