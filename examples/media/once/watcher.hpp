#pragma once

#include <chrono>
#include <cstdint>
#include <errand/log.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace demo {

/// A user's browser, as far as errand can tell: registers on `/ws` and keeps what arrives. The
/// calls are for one thread; the events are collected on the loop's.
class Watcher {
 public:
  /// Returns once registered. Throws `Error{unavailable}`.
  Watcher(boost::asio::io_context& context,
          int port,
          std::int64_t user_id,
          const std::string& token);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher();

  [[nodiscard]] std::int64_t user_id() const noexcept { return user_id_; }

  [[nodiscard]] std::vector<errand::Json> events() const;

  using Condition = std::function<bool(const std::vector<errand::Json>& events)>;

  /// False when what had arrived by the deadline did not satisfy it.
  [[nodiscard]] bool wait_until(const Condition& wanted,
                                std::chrono::steady_clock::time_point deadline) const;

 private:
  class Connection;
  std::int64_t user_id_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace demo
