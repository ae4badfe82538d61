#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace errand {

/// Writes whole lines to a descriptor that others may share, and gives up on a line rather than
/// wait for ever: a reader that has stopped costs lines, which are counted and mentioned when it
/// goes on, never the program. Raises no SIGPIPE. For one thread at a time.
class LineWriter {
 public:
  /// `fd` stays the caller's and must stay open. `patience_ms` is how long the first line waits for
  /// a full pipe.
  explicit LineWriter(int fd, int patience_ms = 200);

  /// `line` comes without its newline.
  void write(std::string_view line);

  /// Lines given up since the last one that went through.
  [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }

 private:
  bool write_all(std::string_view bytes);
  [[nodiscard]] bool wait_writable() const;

  UniqueFd own_{};  ///< the same pipe opened anew, so that it alone does not block
  int fd_;
  int patience_ms_;
  std::size_t dropped_{0};
  bool torn_{false};  ///< the last line was cut off in its middle
};

}  // namespace errand
