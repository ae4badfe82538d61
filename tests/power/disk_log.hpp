#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace errand::testing {

/// What happened to the files of a database, in order, and what its program was told meanwhile.
struct DiskEvent {
  enum class Kind {
    appear,       ///< a file is created: its name is not on the disk before `sync_folder`
    vanish,       ///< a file is deleted, on the disk as late
    write,        ///< `bytes` at `offset`; on the disk for certain after `sync`
    truncate,     ///< to the size `offset`
    sync,         ///< the file's content so far is on the disk
    sync_folder,  ///< so are the names
    told,         ///< the program was told something: entry `offset` of the scene's notes
  };

  Kind kind{Kind::told};
  std::string file{};
  std::int64_t offset{0};
  std::string bytes{};
};

/// Filled by whoever writes and by the scene; any thread.
class DiskLog {
 public:
  void add(DiskEvent event) {
    const std::lock_guard lock{mutex_};
    events_.push_back(std::move(event));
  }

  /// Once nobody adds any more.
  [[nodiscard]] const std::vector<DiskEvent>& events() const noexcept { return events_; }

 private:
  std::mutex mutex_{};
  std::vector<DiskEvent> events_{};
};

}  // namespace errand::testing
