#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/unique_fd.hpp"

namespace errand::ipc {

/// Memory that a manager and its workers share, by a descriptor that the workers inherit. It is
/// zero when it is new. Nobody can change its size: a process that cut it would make the others die
/// of SIGBUS.
class SharedMemory {
 public:
  enum class Access { read_only, read_write };

  /// `others` is what those can do who attach; a kernel before 5.1 lets them write. Throws
  /// `Error{unavailable}`, as the next two do; `purpose` is for its sentence: "the flight recorder
  /// of a worker".
  static SharedMemory create(std::size_t size, Access others, const std::string& purpose);
  /// What is behind an inherited descriptor, which is closed.
  static SharedMemory attach(int fd, std::size_t size, Access access, const std::string& purpose);
  /// Nobody else's.
  static SharedMemory make_private(std::size_t size, const std::string& purpose);

  [[nodiscard]] void* data() const noexcept { return mapped_.get(); }

  /// For who is to share it; -1 unless it was created here.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  struct Unmap {
    std::size_t size{0};
    void operator()(void* memory) const noexcept;
  };

  SharedMemory(void* memory, std::size_t size, UniqueFd fd)
      : mapped_{memory, Unmap{size}}, fd_{std::move(fd)} {}

  std::unique_ptr<void, Unmap> mapped_;
  UniqueFd fd_;
};

}  // namespace errand::ipc
