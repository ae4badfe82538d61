#include "ipc/frame.hpp"

#include <errand/error.hpp>

namespace errand::ipc {

void LineSplitter::feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  buffer_.append(bytes);
}

std::optional<std::string_view> LineSplitter::next() {
  const std::size_t newline = buffer_.find('\n', scanned_);
  const bool complete = newline != std::string::npos;
  const std::size_t end = complete ? newline : buffer_.size();
  if (end - start_ >= line_bytes_max_)
    throw Error{ErrorKind::invalid,
                "a line is longer than the " + std::to_string(line_bytes_max_) +
                    " bytes that the protocol allows"};
  if (!complete) {
    scanned_ = end;
    return std::nullopt;
  }
  const std::string_view line = std::string_view{buffer_}.substr(start_, end - start_);
  start_ = scanned_ = newline + 1;
  return line;
}

}  // namespace errand::ipc
