#pragma once

#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace demo {

/// Runs an event loop for as long as it lives. Declare it after everything that the loop's handlers
/// use. The thread takes no signals: those are for the program's main thread.
class BackgroundThread {
 public:
  explicit BackgroundThread(boost::asio::io_context& context);
  BackgroundThread(const BackgroundThread&) = delete;
  BackgroundThread& operator=(const BackgroundThread&) = delete;
  ~BackgroundThread();

 private:
  boost::asio::io_context& context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_{};
};

}  // namespace demo
