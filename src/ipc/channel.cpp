#include "ipc/channel.hpp"

#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <errand/error.hpp>
#include <mutex>
#include <system_error>

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "ipc/frame.hpp"

namespace errand::ipc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t queue_bytes_max = line_bytes_max;
constexpr std::chrono::seconds standstill{1};
constexpr std::size_t read_bytes = 64 * 1024;

/// How full the queue may be for a message that is dropped rather than end the line: it is a hint,
/// and the job's row says the same. Ends of jobs are a hint that a page waits for.
std::optional<std::size_t> dropped_from(const Message& message) {
  constexpr std::size_t finished_times = 8;
  if (std::holds_alternative<JobFinished>(message))
    return finished_times * queue_bytes_max;
  if (std::holds_alternative<Wake>(message) || std::holds_alternative<NodeLooked>(message) ||
      std::holds_alternative<Heartbeat>(message) || std::holds_alternative<JobProgress>(message) ||
      std::holds_alternative<JobStarted>(message))
    return queue_bytes_max;
  return std::nullopt;
}

bool means_peer_is_gone(const error_code& error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe;
}

/// What the pending reads and writes hold on to: it outlives the handle that the user owns.
class Line : public std::enable_shared_from_this<Line> {
 public:
  Line(asio::io_context& context, Channel::Callbacks callbacks)
      : socket_{context}, callbacks_{std::move(callbacks)} {}

  void start(UniqueFd fd) {
    error_code error;
    socket_.assign(asio::local::stream_protocol{}, fd.get(), error);
    if (error)
      throw Error{ErrorKind::unavailable,
                  "cannot talk to the other process over descriptor " + std::to_string(fd.get()) +
                      ": " + error.message() + "; start workers through their manager"};
    static_cast<void>(fd.release());
    read();
  }

  void send(const Message& message) {
    std::string line = encode(message);
    const std::lock_guard lock{mutex_};
    if (closed_ || peer_reads_no_more_)
      return;
    const std::optional<std::size_t> droppable = dropped_from(message);
    if (droppable && queued_bytes_ >= *droppable)
      return;
    if (!droppable && queued_bytes_ >= 2 * queue_bytes_max) {
      asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->end("it does not read: more than " + std::to_string(2 * queue_bytes_max) +
                  " bytes wait for it");
      });
      return;
    }
    const std::size_t size = line.size();
    queue_.push_back(std::move(line));
    queued_bytes_ += size;
    if (!writing_) {
      moved_ = std::chrono::steady_clock::now();
      begin_writing();
    }
  }

  void flush(milliseconds timeout) {
    std::unique_lock lock{mutex_};
    written_.wait_for(lock, timeout, [this] { return closed_ || queued_bytes_ == 0; });
  }

  bool wait_for_room(milliseconds timeout) {
    std::unique_lock lock{mutex_};
    const auto has_room = [this] {
      return closed_ || queued_bytes_ < queue_bytes_max;
    };
    return written_.wait_for(lock, timeout, has_room) ||
           std::chrono::steady_clock::now() - moved_ >= standstill;
  }

  void close() {
    {
      const std::lock_guard lock{mutex_};
      if (closed_)
        return;
      stop_sending();
      closed_ = true;
    }
    asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->let_go(); });
  }

 private:
  [[nodiscard]] bool is_closed() {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

  /// Without memory to begin, the message is not sent, and says so.
  void begin_writing() {
    try {
      asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->unless_out_of_memory([&] { self->write(); });
      });
      writing_ = true;
    } catch (...) {
      queued_bytes_ -= queue_.back().size();
      queue_.pop_back();
      throw;
    }
  }

  void stop_sending() {
    queue_.clear();
    queued_bytes_ = 0;
    written_.notify_all();
  }

  // The callbacks may own what owns this channel; and one of them may be running right now.
  void let_go() {
    error_code ignored;
    socket_.close(ignored);
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->callbacks_ = {}; });
  }

  void end(const std::string& reason) {
    if (is_closed())
      return;
    close();
    if (callbacks_.on_end)
      callbacks_.on_end(reason);
  }

  void read() {
    socket_.async_read_some(asio::buffer(bytes_),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              self->unless_out_of_memory([&] { self->have_read(error, size); });
                            });
  }

  /// Without memory the line ends: the event loop has other lines to serve.
  template <typename Step>
  void unless_out_of_memory(Step step) {
    try {
      step();
    } catch (const std::bad_alloc&) {
      end("no memory is left to serve it");
    }
  }

  void have_read(const error_code& error, std::size_t size) {
    if (error)
      return end(means_peer_is_gone(error) ? "" : "reading from it failed: " + error.message());
    splitter_.feed({bytes_.data(), size});
    while (!is_closed()) {
      std::optional<Message> message;
      try {
        message = next_message();
      } catch (const std::exception& malformed) {
        return end(malformed.what());
      }
      if (!message.has_value())
        return read();
      if (callbacks_.on_message)
        callbacks_.on_message(std::move(*message));
    }
  }

  std::optional<Message> next_message() {
    const std::optional<std::string_view> line = splitter_.next();
    return line.has_value() ? std::optional{decode(*line)} : std::nullopt;
  }

  void write() {
    {
      const std::lock_guard lock{mutex_};
      if (closed_)
        return;
      in_flight_.clear();
      for (; !queue_.empty() && in_flight_.size() < read_bytes; queue_.pop_front())
        in_flight_ += queue_.front();
    }
    asio::async_write(socket_,
                      asio::buffer(in_flight_),
                      [self = shared_from_this()](const error_code& error, std::size_t size) {
                        self->unless_out_of_memory([&] { self->have_written(error, size); });
                      });
  }

  // A peer that is gone may have left messages behind: reading goes on until it finds the end.
  void have_written(const error_code& error, std::size_t size) {
    if (error && !means_peer_is_gone(error))
      return end("writing to it failed: " + error.message());
    {
      const std::lock_guard lock{mutex_};
      if (closed_)
        return;
      if (error) {
        peer_reads_no_more_ = true;
        return stop_sending();
      }
      queued_bytes_ -= size;
      moved_ = std::chrono::steady_clock::now();
      written_.notify_all();
      if (queue_.empty()) {
        writing_ = false;
        return;
      }
    }
    write();
  }

  asio::local::stream_protocol::socket socket_;
  Channel::Callbacks callbacks_;
  LineSplitter splitter_{line_bytes_max};
  std::array<char, read_bytes> bytes_{};
  std::string in_flight_{};

  std::mutex mutex_{};  ///< guards what follows
  std::condition_variable written_{};
  std::deque<std::string> queue_{};
  std::size_t queued_bytes_{0};  ///< in flight included
  bool writing_{false};
  std::chrono::steady_clock::time_point moved_{};  ///< when the peer took something the last time
  bool peer_reads_no_more_{false};
  bool closed_{false};
};

/// Letting go of the handle closes the line.
class LineHandle final : public Channel {
 public:
  explicit LineHandle(std::shared_ptr<Line> line) : line_{std::move(line)} {}

  LineHandle(const LineHandle&) = delete;
  LineHandle& operator=(const LineHandle&) = delete;

  // NOLINTNEXTLINE(bugprone-exception-escape): without memory to close it, nothing can go on
  ~LineHandle() override { line_->close(); }

  void send(const Message& message) override { line_->send(message); }

  void flush(milliseconds timeout) override { line_->flush(timeout); }

  [[nodiscard]] bool wait_for_room(milliseconds timeout) override {
    return line_->wait_for_room(timeout);
  }

  void close() override { line_->close(); }

 private:
  std::shared_ptr<Line> line_;
};

}  // namespace

std::pair<UniqueFd, UniqueFd> make_socketpair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0)
    throw Error{
        ErrorKind::unavailable,
        "cannot make a socket pair for a worker: " + std::generic_category().message(errno) +
            "; the limit of open files may be low"};
  return {UniqueFd{fds[0]}, UniqueFd{fds[1]}};
}

std::shared_ptr<Channel> Channel::open(asio::io_context& context,
                                       UniqueFd fd,
                                       Callbacks callbacks) {
  auto line = std::make_shared<Line>(context, std::move(callbacks));
  line->start(std::move(fd));
  return std::make_shared<LineHandle>(std::move(line));
}

}  // namespace errand::ipc
