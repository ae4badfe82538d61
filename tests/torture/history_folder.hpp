#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace errand::torture {

/// Where a campaign's processes write down what happens: a folder of its own that goes with this
/// object, unless it is to be kept.
class HistoryFolder {
 public:
  /// In the folder of that name, which stays; "" = one in the folder for temporary files.
  explicit HistoryFolder(const std::string& name) : kept_{!name.empty()} {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "errand-torture-XXXXXX").string();
    if (kept_)
      std::filesystem::create_directories(name);
    else if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error{"cannot make a folder for the history"};
    path_ = std::filesystem::absolute(kept_ ? name : pattern);
  }

  HistoryFolder(const HistoryFolder&) = delete;
  HistoryFolder& operator=(const HistoryFolder&) = delete;

  ~HistoryFolder() {
    std::error_code ignored;
    if (!kept_)
      std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  void keep(bool keep) noexcept { kept_ |= keep; }

  [[nodiscard]] bool kept() const noexcept { return kept_; }

 private:
  bool kept_;
  std::filesystem::path path_{};
};

}  // namespace errand::torture
