#include "server/background_thread.hpp"

#include <csignal>

namespace demo {

BackgroundThread::BackgroundThread(boost::asio::io_context& context)
    : context_{context}, work_{context.get_executor()} {
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread{[this] {
    context_.run();
  }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BackgroundThread::~BackgroundThread() {
  context_.stop();
  thread_.join();
}

}  // namespace demo
