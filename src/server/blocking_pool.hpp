#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace errand {

/// The few threads on which the event loop's blocking work is done. Any thread.
class BlockingPool {
 public:
  BlockingPool(std::size_t threads, int waiting_max) : pool_{threads}, waiting_max_{waiting_max} {}

  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// False: too much waits already, or the pool is closed; `work` will not run.
  bool post(std::function<void()> work) {
    if (closed_ || waiting_.fetch_add(1) >= waiting_max_) {
      waiting_.fetch_sub(1);
      return false;
    }
    boost::asio::post(pool_, [this, work = std::move(work)]() mutable {
      if (!closed_)
        work();
      work = nullptr;
      waiting_.fetch_sub(1);
    });
    return true;
  }

  /// Waits for work that runs; what waits is dropped.
  void close() {
    closed_ = true;
    pool_.join();
  }

 private:
  boost::asio::thread_pool pool_;
  const int waiting_max_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> closed_{false};
};

enum class PoolOutcome { done, refused, timed_out };

template <typename Value>
struct PoolAnswer {
  PoolOutcome outcome{PoolOutcome::timed_out};
  std::optional<Value> value{};
};

/// Runs `work` on the pool and resumes on the loop with its value. `work` does not throw. When
/// `timeout` passes first its value is thrown away.
template <typename Value>
boost::asio::awaitable<PoolAnswer<Value>> call_on_pool(boost::asio::io_context& loop,
                                                       BlockingPool& pool,
                                                       std::function<Value()> work,
                                                       std::chrono::milliseconds timeout) {
  struct State {
    explicit State(boost::asio::io_context& context) : over{context} {}

    boost::asio::steady_timer over;
    PoolAnswer<Value> answer{};
  };

  const auto state = std::make_shared<State>(loop);
  state->over.expires_after(timeout);
  const bool accepted = pool.post([state, &loop, work = std::move(work)]() mutable {
    auto value = std::make_shared<Value>(work());
    // The state is the loop's: it is written, and dies, there.
    boost::asio::post(loop, [state = std::move(state), value] {
      state->answer.outcome = PoolOutcome::done;
      state->answer.value.emplace(std::move(*value));
      state->over.cancel();
    });
  });
  if (!accepted) {
    state->answer.outcome = PoolOutcome::refused;
    co_return std::move(state->answer);
  }
  boost::system::error_code ignored;
  co_await state->over.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  co_return std::move(state->answer);
}

}  // namespace errand
