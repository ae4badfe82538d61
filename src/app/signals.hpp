#pragma once

#include <functional>
#include <memory>

namespace errand {

/// SIGTERM and SIGINT, as something to wait for. While it lives, these signals do not end the
/// process.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Returns at the first signal.
  void wait();

  /// Calls `action` at the next one, on a thread of its own.
  void on_next(std::function<void()> action);

 private:
  struct Waiter;
  std::unique_ptr<Waiter> waiter_;
};

}  // namespace errand
