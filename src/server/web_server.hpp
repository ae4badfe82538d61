#pragma once

#include <errand/config.hpp>
#include <errand/log.hpp>
#include <errand/socket_manager.hpp>
#include <errand/worker_manager.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/job_store.hpp"

namespace boost::asio {
class io_context;
}

namespace errand {

/// How long things may take; tests use short ones.
struct WebServerTimes {
  milliseconds head{std::chrono::seconds{10}};  ///< from a request's first byte to its empty line
  milliseconds keep_alive{std::chrono::seconds{30}};   ///< between two requests of a connection
  milliseconds body_grace{std::chrono::seconds{10}};   ///< then a body must arrive at 1 KiB/s
  milliseconds request{std::chrono::seconds{10}};      ///< a handler; `/wait` has its own
  milliseconds registration{std::chrono::seconds{5}};  ///< from /ws open to a valid `register`
  milliseconds ping{std::chrono::seconds{20}};
  milliseconds silence{std::chrono::seconds{60}};  ///< a WebSocket that says nothing, not even pong
  milliseconds stop{std::chrono::seconds{1}};
};

struct WebServerOptions {
  std::string host{"127.0.0.1"};
  int port{0};  ///< 0 = any
  std::string admin_token{};
  std::string session_encryption_key{};
  int connections_per_user_max{5};
  int connections_total_max{10000};
  std::size_t send_queue_bytes_max{256 * 1024};  ///< of one WebSocket
  WebServerTimes times{};
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
  /// For submissions with an `Idempotency-Key`: `submit_jobs` whose n-th row carries `keys[n]` as
  /// idempotency key. A row whose key is stored already is returned with `created` false.
  std::function<std::vector<Submitted>(std::span<const NewJob>, std::span<const std::string> keys)>
      submit_with_keys{};
  /// This user has a WebSocket now, and had none before; it is not yet told that it is registered.
  /// Called on the event loop.
  std::function<void(std::int64_t user_id)> user_came{};
  /// The last one is gone. Called on the event loop; not when the server stops.
  std::function<void(std::int64_t user_id)> user_left{};
};

/// HTTP, WebSocket and pages on one port. Also the SocketManager of the server process. The
/// io_context is run by one thread. The destructor is `stop()`; afterwards nothing of the backend
/// is touched any more. The io_context must outlive the server.
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
  /// second. From any thread; waits for the end of it, unless called on the io_context's thread.
  virtual void stop() = 0;

  /// Serialised once, shared by all of the user's sessions. Any thread.
  void send_to_user(std::int64_t user_id, const Json& message) override = 0;
  void broadcast(const Json& message) override = 0;

  /// Who has a WebSocket. Any thread.
  [[nodiscard]] virtual std::vector<std::int64_t> connected_users() const = 0;

 protected:
  WebServer() = default;
};

/// JWT, HS256, claim `userId`, `exp` always. Throws `Error{invalid}` for a key under 32 characters.
[[nodiscard]] std::string create_user_token(const std::string& key,
                                            std::int64_t user_id,
                                            TimePoint now,
                                            milliseconds lifetime);

}  // namespace errand
