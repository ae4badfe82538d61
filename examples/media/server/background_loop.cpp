#include "server/background_loop.hpp"

#include <csignal>

namespace demo {

void BackgroundLoop::start() {
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread{[this] {
    context_.run();
  }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BackgroundLoop::~BackgroundLoop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

}  // namespace demo
