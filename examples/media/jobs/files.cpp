#include "jobs/files.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <errand/error.hpp>
#include <string>
#include <system_error>

namespace demo {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path, int error) {
  throw errand::Error{
      errand::ErrorKind::unavailable,
      "cannot " + what + " " + path.string() + ": " + std::generic_category().message(error)};
}

}  // namespace

File open_file(const std::filesystem::path& path, const char* mode) {
  File file{std::fopen(path.c_str(), mode)};
  if (!file)
    fail("open", path, errno);
  return file;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::filesystem::path part = path;
  part += ".part-" + std::to_string(::getpid());
  File file = open_file(part, "wb");
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0) {
    const int error = errno;
    std::filesystem::remove(part);
    fail("write", path, error);
  }
  file.reset();
  std::filesystem::rename(part, path);
}

std::string read_file(const std::filesystem::path& path) {
  const File file = open_file(path, "rb");
  std::string text;
  std::array<char, 65536> block{};
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get()))
    text.append(block.data(), count);
  if (std::ferror(file.get()) != 0)
    fail("read", path, errno);
  return text;
}

}  // namespace demo
