#include "fail_nth/failing_calls.hpp"

#include <spawn.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <dlfcn.h>
#include <optional>

namespace errand::testing {
namespace {

std::atomic<int> countdown{0};
std::atomic<KernelCall> failing_call{KernelCall::send};
std::atomic<int> failing_error{0};
std::atomic<bool> lasting{false};
std::atomic<bool> away{false};
std::atomic<int> failed{0};

/// The error that this call meets, if it is its turn.
std::optional<int> failure_of(KernelCall call) noexcept {
  if (call != failing_call || (!away && (countdown <= 0 || --countdown != 0)))
    return std::nullopt;
  ++failed;
  away = lasting.load();
  return failing_error.load();
}

bool is_line(int fd) noexcept {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

std::optional<int> failure_on(KernelCall call, int fd) noexcept {
  if ((countdown <= 0 && !away) || !is_line(fd))
    return std::nullopt;
  return failure_of(call);
}

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Calls `call(size)` with what is left of the size.
template <typename Call>
ssize_t limited(std::optional<int> failure, std::size_t size, Call call) {
  if (!failure)
    return call(size);
  if (*failure == FailingCalls::cut_short)
    return call(std::min<std::size_t>(size, 1));
  errno = *failure;
  return -1;
}

}  // namespace

void FailingCalls::arm(KernelCall call, int nth, int error, bool lasts) noexcept {
  away = false;
  failed = 0;
  failing_call = call;
  failing_error = error;
  lasting = lasts;
  countdown = nth;
}

int FailingCalls::disarm() noexcept {
  countdown = 0;
  away = false;
  return failed;
}

int FailingCalls::failures() noexcept {
  return failed;
}

}  // namespace errand::testing

using errand::testing::KernelCall;

extern "C" {

ssize_t send(int fd, const void* bytes, std::size_t size, int flags) {
  static auto* const next = errand::testing::real<decltype(send)>("send");
  const auto failure = errand::testing::failure_on(KernelCall::send, fd);
  if (failure == EPIPE || failure == ECONNRESET)
    ::shutdown(fd, SHUT_RDWR);  // that is what it says: there is no other end
  return errand::testing::limited(
      failure, size, [&](std::size_t part) { return next(fd, bytes, part, flags); });
}

ssize_t recv(int fd, void* bytes, std::size_t size, int flags) {
  static auto* const next = errand::testing::real<decltype(recv)>("recv");
  return errand::testing::limited(errand::testing::failure_on(KernelCall::receive, fd),
                                  size,
                                  [&](std::size_t part) { return next(fd, bytes, part, flags); });
}

int socketpair(int domain, int type, int protocol, int* fds) noexcept {
  static auto* const next = errand::testing::real<decltype(socketpair)>("socketpair");
  if (const auto failure = errand::testing::failure_of(KernelCall::socketpair)) {
    errno = *failure;
    return -1;
  }
  return next(domain, type, protocol, fds);
}

int posix_spawn(pid_t* pid,
                const char* path,
                const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes,
                char* const* arguments,
                char* const* environment) {
  static auto* const next = errand::testing::real<decltype(posix_spawn)>("posix_spawn");
  if (const auto failure = errand::testing::failure_of(KernelCall::spawn))
    return *failure;
  return next(pid, path, actions, attributes, arguments, environment);
}

}  // extern "C"
