#include "base/line_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <fmt/format.h>

namespace errand {
namespace {

/// Setting O_NONBLOCK on an inherited pipe would change it for every process that shares it, so it
/// is opened once more through /proc. Other kinds of descriptors are used as they are.
UniqueFd reopen_pipe(int fd) {
  struct stat status {};

  if (::fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode))
    return {};
  const std::string path = fmt::format("/proc/self/fd/{}", fd);
  return UniqueFd{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
}

/// Keeps a write to a closed pipe from ending the program, without touching the host's signal
/// handlers.
class SigpipeHeld {
 public:
  SigpipeHeld() {
    sigset_t pending{};
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }

  SigpipeHeld(const SigpipeHeld&) = delete;
  SigpipeHeld& operator=(const SigpipeHeld&) = delete;

  ~SigpipeHeld() {
    const timespec at_once{};
    if (!was_pending_)
      ::sigtimedwait(&pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_{false};
};

}  // namespace

LineWriter::LineWriter(int fd, int patience_ms)
    : own_{reopen_pipe(fd)}, fd_{own_ ? own_.get() : fd}, patience_ms_{patience_ms} {}

void LineWriter::write(std::string_view line) {
  std::string bytes;
  if (torn_)
    bytes += '\n';
  if (dropped_ > 0)
    bytes += fmt::format("({} log lines were dropped: nobody read them)\n", dropped_);
  bytes += line;
  bytes += '\n';
  if (write_all(bytes)) {
    dropped_ = 0;
    torn_ = false;
  } else {
    ++dropped_;
  }
}

bool LineWriter::wait_writable() const {
  pollfd waited{.fd = fd_, .events = POLLOUT, .revents = 0};
  // Whoever has already lost lines does not wait again for each further one.
  const int patience = dropped_ > 0 ? 0 : patience_ms_;
  return ::poll(&waited, 1, patience) == 1 && (waited.revents & POLLOUT) != 0;
}

bool LineWriter::write_all(std::string_view bytes) {
  const SigpipeHeld held;
  const std::size_t whole = bytes.size();
  while (!bytes.empty()) {
    if (!wait_writable()) {
      torn_ = torn_ || bytes.size() < whole;
      return false;
    }
    // A writable pipe takes PIPE_BUF bytes at once and unmixed with other writers' lines.
    const ssize_t written =
        ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (written > 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR && errno != EAGAIN)
      return false;
  }
  return true;
}

}  // namespace errand
