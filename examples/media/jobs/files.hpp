#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

namespace demo {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

using File = std::unique_ptr<std::FILE, CloseFile>;

/// Throws `Error{unavailable}` that names the file and the reason.
[[nodiscard]] File open_file(const std::filesystem::path& path, const char* mode);

/// Whole or not at all: written beside it, then renamed, so that a run that is killed leaves no
/// half file behind the name. Makes the folder. Throws `Error{unavailable}`.
void write_file(const std::filesystem::path& path, std::string_view text);

/// All of it. Throws `Error{unavailable}`.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace demo
