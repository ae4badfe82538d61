#include "store/sqlite/sqlite_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <errand/error.hpp>

#include "base/unique_fd.hpp"

namespace errand::sql {

void create_private_file(const std::string& path) {
  struct stat status {};

  if (::stat(path.c_str(), &status) == 0)
    return;
  const UniqueFd created{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!created && errno != EEXIST)
    throw Error{ErrorKind::unavailable,
                "cannot create the database file " + path + ": " + std::strerror(errno) +
                    "; the folder must exist and be writable by this user"};
}

}  // namespace errand::sql
