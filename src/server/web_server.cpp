#include "server/web_server.hpp"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "server/api/api.hpp"
#include "server/listener.hpp"
#include "server/server_context.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds stop_look{10};

class WebServerImplementation final : public WebServer {
 public:
  WebServerImplementation(asio::io_context& loop,
                          std::shared_ptr<const Clock> clock,
                          Log log,
                          WebServerOptions options,
                          const WebServerBackend& backend)
      : context_{std::make_shared<ServerContext>(
            loop, std::move(clock), std::move(log), std::move(options))} {
    add_api_routes(context_->router, backend);
    add_page_routes(context_->router);
    context_->user_came = backend.user_came;
    context_->user_left = backend.user_left;
    context_->missed_notifications = [&store = backend.notifications](
                                         std::int64_t user, std::int64_t after, int limit) {
      return store.since(user, after, limit);
    };
  }

  ~WebServerImplementation() override {
    WebServerImplementation::stop();
    context_->pool.close();
    context_->sockets.clear();
  }

  void start() override {
    const WebServerOptions& options = context_->options;
    acceptor_ =
        std::make_shared<tcp::acceptor>(open_listener(context_->loop, options.host, options.port));
    const auto endpoint = acceptor_->local_endpoint();
    port_ = endpoint.port();
    context_->loopback = endpoint.address().is_loopback();
    asio::co_spawn(
        context_->loop,
        [context = context_, acceptor = acceptor_] {
          return accept_connections(context, acceptor);
        },
        asio::detached);
    context_->log.info("listening", {{"host", options.host}, {"port", port_.load()}});
  }

  [[nodiscard]] int port() const override { return port_; }

  void stop() override {
    if (!acceptor_)
      return;
    const auto stopped = std::make_shared<std::promise<void>>();
    auto future = stopped->get_future();
    asio::co_spawn(
        context_->loop,
        [context = context_, acceptor = acceptor_, stopped] {
          return end_connections(context, acceptor, stopped);
        },
        asio::detached);
    auto& loop = context_->loop;
    if (!loop.stopped() && !loop.get_executor().running_in_this_thread())
      future.wait_for(context_->options.times.stop * 2);
  }

  void send_to_user(std::int64_t user_id, const Json& message) override {
    context_->sockets.send_to_user(user_id, message);
  }

  void broadcast(const Json& message) override { context_->sockets.broadcast(message); }

  [[nodiscard]] std::vector<std::int64_t> connected_users() const override {
    return context_->sockets.users();
  }

 private:
  static asio::awaitable<void> end_connections(std::shared_ptr<ServerContext> context,
                                               std::shared_ptr<tcp::acceptor> acceptor,
                                               std::shared_ptr<std::promise<void>> stopped) {
    boost::system::error_code ignored;
    acceptor->close(ignored);
    context->stopping = true;
    // A connection may leave the set while it is told: the set is copied.
    for (Connection* connection : std::set<Connection*>{context->connections})
      connection->shut_down();
    const auto deadline = std::chrono::steady_clock::now() + context->options.times.stop;
    asio::steady_timer timer{context->loop};
    while (!context->connections.empty() && std::chrono::steady_clock::now() < deadline) {
      timer.expires_after(stop_look);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    for (Connection* connection : std::set<Connection*>{context->connections})
      connection->abort();
    stopped->set_value();
  }

  std::shared_ptr<ServerContext> context_;
  std::shared_ptr<tcp::acceptor> acceptor_{};
  std::atomic<int> port_{0};
};

}  // namespace

std::unique_ptr<WebServer> WebServer::create(asio::io_context& context,
                                             std::shared_ptr<const Clock> clock,
                                             Log log,
                                             WebServerOptions options,
                                             WebServerBackend backend) {
  return std::make_unique<WebServerImplementation>(
      context, std::move(clock), std::move(log), std::move(options), backend);
}

}  // namespace errand
