#include "server/dispatch.hpp"

#include "base/host.hpp"
#include "server/response.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock;

constexpr milliseconds poll_first{10};
constexpr milliseconds poll_longest{250};
constexpr int waits_max = 256;

Response report_bug(const Log& log, const Request& request, const char* what) {
  const std::string id = random_hex128();
  log.error("a request failed",
            {{"id", id}, {"method", request.method}, {"path", request.path}, {"error", what}});
  return internal_error_response(id);
}

/// The handler's answer; every exception ends here, on the thread that threw it.
template <typename Call>
std::invoke_result_t<Call&> guarded(const Log& log, const Request& request, Call&& call) {
  try {
    return call();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::bug)
      return report_bug(log, request, error.what());
    return error_response(error, {});
  } catch (const std::exception& failure) {
    return report_bug(log, request, failure.what());
  } catch (...) {
    return report_bug(log, request, "an exception that is not a std::exception");
  }
}

Response busy() {
  return error_response(Refusal{503, "unavailable", "the server is busy; try again later", {}});
}

Response too_slow() {
  return error_response(Refusal{
      503, "timed_out", "the answer did not come in time; whether it took effect is unknown", {}});
}

asio::awaitable<Response> call_handler(std::shared_ptr<ServerContext> context,
                                       const Route& route,
                                       std::shared_ptr<const Request> request) {
  if (route.on_loop)
    co_return guarded(context->log, *request, [&] { return route.handle(*request); });
  std::function<Response()> work = [log = context->log, handle = route.handle, request] {
    return guarded(log, *request, [&] { return handle(*request); });
  };
  auto answer = co_await call_on_pool<Response>(
      context->loop, context->pool, std::move(work), context->options.times.request);
  if (answer.outcome == PoolOutcome::refused)
    co_return busy();
  co_return answer.value ? std::move(*answer.value) : too_slow();
}

struct PollLoop {
  std::shared_ptr<ServerContext> context;
  const Route& route;
  std::shared_ptr<const Request> request;
  SteadyTime::time_point deadline{};

  asio::awaitable<std::optional<Response>> ask_once(bool last) const {
    using Answer = std::optional<Response>;
    std::function<Answer()> work = [log = context->log, poll = route.poll, asked = request, last] {
      return guarded(log, *asked, [&]() -> Answer { return poll(*asked, last); });
    };
    auto answer = co_await call_on_pool<Answer>(
        context->loop, context->pool, std::move(work), context->options.times.request);
    if (answer.outcome == PoolOutcome::refused)
      co_return busy();
    co_return answer.value ? std::move(*answer.value) : Answer{too_slow()};
  }

  /// Between two questions no thread is held, only a timer.
  asio::awaitable<Response> run(std::function<bool()> gone) const {
    milliseconds pause = poll_first;
    asio::steady_timer timer{context->loop};
    for (;;) {
      const bool last = SteadyTime::now() >= deadline || gone();
      auto answer = co_await ask_once(last);
      if (answer || last || context->stopping)
        co_return answer ? std::move(*answer) : busy();
      timer.expires_at(std::min(SteadyTime::now() + pause, deadline));
      boost::system::error_code ignored;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      pause = std::min(pause * 2, poll_longest);
    }
  }
};

asio::awaitable<Response> poll_handler(std::shared_ptr<ServerContext> context,
                                       const Route& route,
                                       std::shared_ptr<const Request> request,
                                       std::function<bool()> gone) {
  std::optional<milliseconds> patience;
  std::optional<Response> refused =
      guarded(context->log, *request, [&]() -> std::optional<Response> {
        patience = route.patience(*request);
        return std::nullopt;
      });
  if (refused || !patience)
    co_return refused ? std::move(*refused) : busy();
  if (context->waits_open >= waits_max)
    co_return busy();
  const PollLoop loop{context, route, std::move(request), SteadyTime::now() + *patience};
  context->waits_open += 1;
  Response response = co_await loop.run(std::move(gone));
  context->waits_open -= 1;
  co_return response;
}

}  // namespace

asio::awaitable<Response> dispatch(std::shared_ptr<ServerContext> context,
                                   const Route& route,
                                   std::shared_ptr<const Request> request,
                                   std::function<bool()> gone) {
  if (route.poll)
    return poll_handler(std::move(context), route, std::move(request), std::move(gone));
  return call_handler(std::move(context), route, std::move(request));
}

}  // namespace errand
