#pragma once

#include <atomic>
#include <memory>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/admission.hpp"
#include "server/authentication.hpp"
#include "server/blocking_pool.hpp"
#include "server/router.hpp"
#include "server/socket_registry.hpp"
#include "server/web_server.hpp"

namespace errand {

/// A connection, as stopping sees it. Event loop only.
class Connection {
 public:
  virtual ~Connection() = default;

  /// Ends once what it is answering is answered.
  virtual void shut_down() = 0;
  /// Ends now.
  virtual void abort() = 0;
};

/// What the connections of one server share. Members are used on the event loop, except where they
/// say otherwise.
struct ServerContext {
  ServerContext(boost::asio::io_context& io,
                std::shared_ptr<const Clock> the_clock,
                Log the_log,
                WebServerOptions the_options)
      : loop{io},
        clock{std::move(the_clock)},
        log{std::move(the_log)},
        options{std::move(the_options)},
        authenticator{options.admin_token, options.session_encryption_key} {}

  boost::asio::io_context& loop;
  std::shared_ptr<const Clock> clock;
  Log log;
  WebServerOptions options;
  Authenticator authenticator;
  Router router{};
  std::function<std::vector<Notification>(std::int64_t user, std::int64_t after, int limit)>
      missed_notifications{};                             ///< on the pool
  std::function<void(std::int64_t user_id)> user_came{};  ///< may be empty
  std::function<void(std::int64_t user_id)> user_left{};  ///< may be empty
  BlockingPool pool{2, 256};
  SocketRegistry sockets{};  ///< any thread
  std::set<Connection*> connections{};
  bool loopback{true};
  bool stopping{false};
  int websockets_open{0};
  int waits_open{0};
  std::size_t body_bytes_held{0};
};

}  // namespace errand
