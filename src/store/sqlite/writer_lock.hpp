#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace errand::sql {

/// The one lock under which all of errand's connections to a file write and checkpoint: an open
/// file description lock on `<database>-writer`, so the kernel takes it back from a process that
/// dies. Writers wait in the kernel instead of in SQLite's busy handler, and two connections never
/// write and checkpoint at the same instant.
///
/// One object per connection, used by one thread at a time.
class WriterLock {
 public:
  /// Creates the file, readable by its owner only. Throws `Error{unavailable}`.
  explicit WriterLock(const std::string& database_path);

  /// Waits as long as it takes.
  void lock();
  void unlock() noexcept;

 private:
  std::string path_;
  UniqueFd fd_{};
};

}  // namespace errand::sql
