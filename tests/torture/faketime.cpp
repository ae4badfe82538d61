#include "faketime.hpp"

#include <errand/error.hpp>
#include <fmt/format.h>
#include <fstream>

namespace errand::torture {
namespace {

std::filesystem::path control_file(const std::filesystem::path& folder) {
  return folder / "clock";
}

std::filesystem::path library() {
  constexpr const char* name = "faketime/libfaketimeMT.so.1";
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{"/usr/lib", none})
    if (std::filesystem::exists(entry.path() / name, none))
      return entry.path() / name;
  throw Error{ErrorKind::invalid, "--jump-clock-every needs libfaketime; install it"};
}

}  // namespace

std::map<std::string, std::string> fake_clock_environment(const std::filesystem::path& folder) {
  set_fake_clock(folder, 0);
  return {{"LD_PRELOAD", library().string()},
          {"FAKETIME_TIMESTAMP_FILE", control_file(folder).string()},
          {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
          {"FAKETIME_CACHE_DURATION", "1"}};
}

/// A rename: it is never read half written.
void set_fake_clock(const std::filesystem::path& folder, int seconds) {
  const std::filesystem::path next = folder / "clock.next";
  std::ofstream{next} << fmt::format("{:+}s\n", seconds);
  std::filesystem::rename(next, control_file(folder));
}

}  // namespace errand::torture
