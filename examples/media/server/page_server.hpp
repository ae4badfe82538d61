#pragma once

#include <functional>
#include <memory>

#include "server/demo_api.hpp"

namespace boost::asio {
class io_context;
}

namespace demo {

/// The example's own page on a port of its own, on 127.0.0.1. Its `/ws` leads to errand's: a page
/// may open WebSockets only to the host and port that it came from.
class PageServer {
 public:
  using Answer = std::function<PageAnswer(const PageRequest&)>;
  using ErrandPort = std::function<int()>;

  /// Listens from here on; port 0 = any. `answer` runs on the loop's thread. Throws
  /// `Error{unavailable}`.
  PageServer(boost::asio::io_context& context, int port, Answer answer, ErrandPort errand_port);
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;
  ~PageServer();

  [[nodiscard]] int port() const noexcept;

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace demo
