#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace errand::ipc {

/// Cuts a stream of bytes into lines, however the reads fell. Pure. Each byte is looked at once, so
/// a line that arrives in a thousand pieces costs no more than one that arrives whole.
class LineSplitter {
 public:
  /// `limit` counts the newline.
  explicit LineSplitter(std::size_t limit) : line_bytes_max_{limit} {}

  /// Ends the life of the view that `next` returned last.
  void feed(std::string_view bytes);

  /// The next complete line without its newline, valid until the next `feed`; nothing when more
  /// bytes are needed. Throws `Error{invalid}` for a line over the limit, complete or not; the rest
  /// of the stream is then of no use.
  [[nodiscard]] std::optional<std::string_view> next();

  /// Bytes held of lines that were not handed out.
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return buffer_.size() - start_; }

 private:
  std::size_t line_bytes_max_;
  std::string buffer_{};
  std::size_t start_{0};    ///< of the line that is not handed out yet
  std::size_t scanned_{0};  ///< no newline between `start_` and here
};

}  // namespace errand::ipc
