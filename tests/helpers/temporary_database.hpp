#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace errand {

/// A folder with room for one database file; both go away with the test.
class TemporaryDatabase {
 public:
  explicit TemporaryDatabase(
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string pattern = (parent / "errand-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error{"mkdtemp failed"};
    folder_ = pattern;
  }

  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;

  ~TemporaryDatabase() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

  [[nodiscard]] std::filesystem::path path() const { return folder_ / "test.db"; }

  [[nodiscard]] std::string url() const { return "sqlite:" + path().string(); }

 private:
  std::filesystem::path folder_{};
};

}  // namespace errand
