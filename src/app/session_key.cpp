#include "app/session_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <errand/error.hpp>
#include <system_error>

#include "base/host.hpp"
#include "base/unique_fd.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

constexpr std::size_t key_length_min = 32;
constexpr mode_t only_owner = 0600;

[[noreturn]] void fail(ErrorKind kind, const std::string& path, const std::string& why) {
  throw Error{kind,
              "cannot use the session key file " + path + ": " + why +
                  "; mend that or set SESSION_ENCRYPTION_KEY"};
}

[[noreturn]] void fail_with_errno(const std::string& path) {
  fail(ErrorKind::unavailable, path, std::generic_category().message(errno));
}

std::string read_key(const std::string& path, const UniqueFd& fd) {
  struct stat info {};

  if (::fstat(fd.get(), &info) != 0)
    fail_with_errno(path);
  if ((info.st_mode & 077U) != 0)
    fail(ErrorKind::invalid, path, "other users may read it (chmod 600 it)");
  std::array<char, 4096> buffer{};
  const ssize_t length = ::read(fd.get(), buffer.data(), buffer.size());
  if (length < 0)
    fail_with_errno(path);
  std::string key{buffer.data(), static_cast<std::size_t>(length)};
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r'))
    key.pop_back();
  if (key.size() < key_length_min)
    fail(ErrorKind::invalid,
         path,
         "it holds less than 32 characters (delete it to have a new one made)");
  return key;
}

/// Written aside and linked into place, so that a process that starts at the same instant sees all
/// of it or nothing.
void create_key(const std::string& path) {
  const std::string draft = path + "." + random_hex128();
  {
    const UniqueFd fd{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, only_owner)};
    if (!fd)
      fail_with_errno(path);
    const std::string text = random_hex128() + random_hex128() + "\n";
    if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(fd.get()) != 0) {
      fail_with_errno(path);
    }
  }
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int saved = errno;
  ::unlink(draft.c_str());
  errno = saved;
  if (!linked)
    fail_with_errno(path);
}

}  // namespace

std::string load_session_key(const Config& config) {
  if (!config.session_encryption_key.empty())
    return config.session_encryption_key;
  const auto database = sqlite_path(config.database_url);
  const std::string path = database ? *database + "-session-key" : ".errand-session-key";
  for (int attempt = 0; attempt < 2; ++attempt) {
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (fd)
      return read_key(path, fd);
    if (errno != ENOENT)
      fail_with_errno(path);
    create_key(path);
  }
  fail(ErrorKind::unavailable, path, "it disappears as soon as it is made");
}

}  // namespace errand
