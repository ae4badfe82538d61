#pragma once

#include <filesystem>
#include <string>

namespace demo {

/// Where the example keeps its files and where its mail goes. The server process decides, its
/// workers read the same from the environment.
struct Settings {
  std::filesystem::path folder{"demo-data"};  ///< DEMO_FOLDER
  int smtp_port{0};                           ///< DEMO_SMTP_PORT; 0 = no mail server is known

  [[nodiscard]] std::filesystem::path images() const { return folder / "images"; }

  [[nodiscard]] std::filesystem::path tables() const { return folder / "tables"; }

  [[nodiscard]] std::filesystem::path thumbnails() const { return folder / "thumbnails"; }

  [[nodiscard]] std::filesystem::path reports() const { return folder / "reports"; }

  [[nodiscard]] std::filesystem::path mail() const { return folder / "mail"; }

  /// Relative paths in payloads mean files of the example's folder.
  [[nodiscard]] std::filesystem::path resolve(const std::string& path) const {
    return folder / std::filesystem::path{path};
  }

  static Settings from_environment();

  /// Makes the folders and tells child processes about this object through the environment. Before
  /// any thread.
  void publish() const;
};

/// An environment variable, or `fallback` when it is not set.
[[nodiscard]] std::string environment(const char* name, const std::string& fallback = {});

}  // namespace demo
