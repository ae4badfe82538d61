#pragma once

#include <errand/config.hpp>
#include <errand/log.hpp>
#include <errand/socket_manager.hpp>
#include <errand/worker_manager.hpp>
#include <functional>
#include <memory>
#include <string>

#include "store/job_store.hpp"

namespace boost::asio {
class io_context;
}

namespace errand {

struct WebServerOptions {
  std::string host{"127.0.0.1"};
  int port{0};  ///< 0 = any
  std::string admin_token{};
  std::string session_encryption_key{};
  int connections_per_user_max{5};
  int connections_total_max{10000};
};

/// What the server needs of the rest of the program. All may block on the database: they are called
/// from the server's own small pool of threads, never from the event loop.
struct WebServerBackend {
  WorkerManager& worker_manager;
  JobReader& reader;
  NotificationStore& notifications;
  const JobRegistry& registry;
  /// JSON object of slots for `/api/v1/stats` and the page: from the supervisor.
  std::function<Json()> worker_status{};
  /// One sentence why not, or empty: `/readyz`.
  std::function<std::string()> not_ready{};
};

/// HTTP, WebSocket and pages on one port. Also the SocketManager of the server process.
class WebServer : public SocketManager {
 public:
  static std::unique_ptr<WebServer> create(boost::asio::io_context& context,
                                           std::shared_ptr<const Clock> clock,
                                           Log log,
                                           WebServerOptions options,
                                           WebServerBackend backend);

  /// Listens from here on. Throws `Error{unavailable}`: "cannot listen on 127.0.0.1:3000: address
  /// already in use; …".
  virtual void start() = 0;
  [[nodiscard]] virtual int port() const = 0;

  /// Refuses new requests, closes WebSockets with 1001, lets running requests end for at most a
  /// second. From any thread.
  virtual void stop() = 0;

  /// Serialised once, shared by all of the user's sessions. Any thread.
  void send_to_user(std::int64_t user_id, const Json& message) override = 0;
  void broadcast(const Json& message) override = 0;

 protected:
  WebServer() = default;
};

/// JWT, HS256, claim `userId`, `exp` always. Throws `Error{invalid}` for a key under 32 characters.
[[nodiscard]] std::string create_user_token(const std::string& key,
                                            std::int64_t user_id,
                                            TimePoint now,
                                            milliseconds lifetime);

}  // namespace errand
