#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "power/disk_log.hpp"

struct sqlite3_vfs;

namespace errand::testing {

/// While it lives, SQLite's default VFS is one that does everything as the plain one does and also
/// writes into a log what happens to the databases of one folder, their journals and their WALs.
/// Only one at a time; no connection outlives it.
///
/// Pragmas may be overruled: what the program says about them is ignored, and every connection has
/// the given value.
class RecordingVfs {
 public:
  using Pragmas = std::map<std::string, std::string, std::less<>>;

  RecordingVfs(DiskLog& log, const std::filesystem::path& folder, Pragmas overruled = {});
  RecordingVfs(const RecordingVfs&) = delete;
  RecordingVfs& operator=(const RecordingVfs&) = delete;
  ~RecordingVfs();

 private:
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace errand::testing
