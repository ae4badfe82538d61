#include "store/sqlite/sqlite_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <errand/error.hpp>

namespace errand::sql {
namespace {

[[noreturn]] void refuse(const std::string& path, int code) {
  throw Error{ErrorKind::unavailable,
              "cannot create the database file " + path + ": " + std::strerror(code) +
                  "; the folder must exist and be writable by this user"};
}

}  // namespace

void create_private_file(const std::string& path) {
  struct stat status {};

  if (::stat(path.c_str(), &status) == 0)
    return;
  std::string newborn = path + "-XXXXXX";
  const int fd = ::mkostemp(newborn.data(), O_CLOEXEC);
  if (fd < 0)
    refuse(path, errno);
  ::close(fd);
  const int failure = ::link(newborn.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(newborn.c_str());
  if (failure != 0 && failure != EEXIST)
    refuse(path, failure);
}

}  // namespace errand::sql
