#include "app/signals.hpp"

#include <csignal>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace errand {

struct StopSignals::Waiter {
  boost::asio::io_context context{1};
  boost::asio::signal_set signals{context, SIGTERM, SIGINT};
  std::thread thread{};
};

StopSignals::StopSignals() : waiter_{std::make_unique<Waiter>()} {}

StopSignals::~StopSignals() {
  waiter_->context.stop();
  if (waiter_->thread.joinable())
    waiter_->thread.join();
}

void StopSignals::wait() {
  waiter_->signals.async_wait([](const boost::system::error_code&, int) {});
  waiter_->context.run();
  waiter_->context.restart();
}

void StopSignals::on_next(std::function<void()> action) {
  waiter_->signals.async_wait(
      [action = std::move(action)](const boost::system::error_code& failed, int) {
        if (!failed)
          action();
      });
  waiter_->thread = std::thread{[this] {
    waiter_->context.run();
  }};
}

}  // namespace errand
