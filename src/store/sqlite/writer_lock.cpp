#include "store/sqlite/writer_lock.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <errand/error.hpp>

namespace errand::sql {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& path, int code) {
  throw Error{ErrorKind::unavailable,
              "cannot " + what + " the writer lock " + path + ": " + std::strerror(code) +
                  "; the folder must exist on a local disk and be writable by this user"};
}

int set_lock(int fd, short type, int command) {
  flock whole_file{};

  whole_file.l_type = type;
  whole_file.l_whence = SEEK_SET;
  int result = 0;
  do {
    result = ::fcntl(fd, command, &whole_file);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

WriterLock::WriterLock(const std::string& database_path) : path_{database_path + "-writer"} {
  fd_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd_)
    refuse("open", path_, errno);
}

void WriterLock::lock() {
  if (set_lock(fd_.get(), F_WRLCK, F_OFD_SETLKW) != 0)
    refuse("take", path_, errno);
}

void WriterLock::unlock() noexcept {
  set_lock(fd_.get(), F_UNLCK, F_OFD_SETLK);
}

}  // namespace errand::sql
