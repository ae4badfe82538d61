#include "base/host.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <errand/error.hpp>

namespace errand {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return "unknown";
  return name.data();
}

std::string random_hex128() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Error{ErrorKind::unavailable, "cannot read random bytes from the kernel; try again"};
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace errand
