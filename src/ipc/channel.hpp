#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"
#include "ipc/message.hpp"

namespace boost::asio {
class io_context;
}

namespace errand::ipc {

/// Both ends of a new socketpair, close-on-exec. Throws `Error{unavailable}`.
[[nodiscard]] std::pair<UniqueFd, UniqueFd> make_socketpair();

/// One end of the line between manager and worker: reads messages, writes messages, reports the
/// end. The callbacks run on the io_context's thread; after `on_end` there are no more. Never
/// raises SIGPIPE.
class Channel {
 public:
  struct Callbacks {
    std::function<void(Message)> on_message{};
    /// Empty reason = the peer closed; otherwise a sentence: a malformed line, a line over the
    /// limit, a read or write error. What the peer sent before it went is reported first.
    std::function<void(const std::string& reason)> on_end{};
  };

  /// Letting go of the result closes it, also from inside a callback. The io_context outlives it.
  /// Throws `Error{unavailable}` for a descriptor that is no socket.
  static std::shared_ptr<Channel> open(boost::asio::io_context& context,
                                       UniqueFd fd,
                                       Callbacks callbacks);

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  /// Any thread; never blocks. The queue is bounded (1 MiB beyond one message): when full, `Wake`,
  /// `Heartbeat`, `JobProgress` and `JobStarted` are dropped, as is `JobFinished` at eight times
  /// that size, and everything else still fits once more that size; beyond that the channel ends.
  virtual void send(const Message& message) = 0;

  /// False when the queue is still full after `timeout`, and the peer reads: who waits keeps to its
  /// pace. True when there is room, and when the peer has read nothing for a second: what is lost
  /// then it may learn in other ways. From a thread that does not run the io_context.
  [[nodiscard]] virtual bool wait_for_room(milliseconds timeout) = 0;

  /// Waits until what was sent is written, or `timeout` passes. From a thread that does not run the
  /// io_context.
  virtual void flush(milliseconds timeout) = 0;

  /// Drops what is not written yet. Called on the io_context's thread, no callback comes after it,
  /// `on_end` included.
  virtual void close() = 0;

 protected:
  Channel() = default;
};

}  // namespace errand::ipc
