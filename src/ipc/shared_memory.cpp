#include "ipc/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <errand/error.hpp>
#include <system_error>

namespace errand::ipc {
namespace {

[[noreturn]] void refuse(const std::string& purpose, const std::string& why) {
  throw Error{ErrorKind::unavailable, "cannot use " + purpose + ": " + why};
}

std::string last_error(const char* call) {
  return std::string{call} + " failed: " + std::generic_category().message(errno);
}

void* map(int fd, std::size_t size, int protection, const std::string& purpose) {
  const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void* memory = ::mmap(nullptr, size, protection, flags, fd, 0);
  if (memory == MAP_FAILED)
    refuse(purpose, last_error("mmap"));
  return memory;
}

}  // namespace

SharedMemory SharedMemory::create(std::size_t size, Access others, const std::string& purpose) {
  UniqueFd fd{::memfd_create("errand", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!fd)
    refuse(purpose, last_error("memfd_create"));
  if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0)
    refuse(purpose, last_error("ftruncate"));
  SharedMemory shared{map(fd.get(), size, PROT_READ | PROT_WRITE, purpose), size, std::move(fd)};
  if (others == Access::read_only)
    static_cast<void>(::fcntl(shared.fd(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  if (::fcntl(shared.fd(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    refuse(purpose, last_error("sealing"));
  return shared;
}

SharedMemory SharedMemory::attach(int fd,
                                  std::size_t size,
                                  Access access,
                                  const std::string& purpose) {
  const UniqueFd inherited{fd};

  struct stat status {};

  if (::fstat(fd, &status) != 0)
    refuse(
        purpose,
        "descriptor " + std::to_string(fd) + " is not open; start workers through their manager");
  if (status.st_size != static_cast<off_t>(size))
    refuse(purpose,
           "descriptor " + std::to_string(fd) + " is not one, or of another version of errand");
  const int protection = access == Access::read_only ? PROT_READ : PROT_READ | PROT_WRITE;
  return {map(fd, size, protection, purpose), size, UniqueFd{}};
}

SharedMemory SharedMemory::make_private(std::size_t size, const std::string& purpose) {
  return {map(-1, size, PROT_READ | PROT_WRITE, purpose), size, UniqueFd{}};
}

void SharedMemory::Unmap::operator()(void* memory) const noexcept {
  ::munmap(memory, size);
}

}  // namespace errand::ipc
