#pragma once

#include <errand/clock.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "store/database.hpp"

namespace errand::sql {

/// Connections of one store: opened on first use, one per simultaneous user, reused. Safe from any
/// thread.
///
/// A thread that is inside `write` and calls `write` or `read` again works on the same connection,
/// inside the same transaction: on SQLite it would otherwise wait for its own lock.
class ConnectionPool {
 public:
  using Factory = std::function<std::unique_ptr<Connection>()>;
  /// The store's time, where it is known without a connection.
  using KnownTime = std::function<std::optional<TimePoint>()>;

  explicit ConnectionPool(Factory factory, KnownTime known_time = {});

  /// The store's time.
  [[nodiscard]] TimePoint now();

  /// Runs `work` in a transaction and commits; an exception rolls back and passes on. A
  /// `TransientError` runs it again, at most 7 times, each time after a longer pause. A connection
  /// that was idle and turns out to be lost before the commit was sent takes all idle ones with it:
  /// `work` runs once more on a new one.
  void write(const std::function<void(Connection&)>& work);

  class Kept;

  /// Like `write`, but the transaction is kept open for whoever holds the answer.
  [[nodiscard]] std::unique_ptr<Kept> keep(const std::function<void(Connection&)>& work);

  /// Runs `work` without a transaction: for reading. Once more on a new connection when an idle one
  /// was lost: `work` then starts afresh, whatever it had read by then.
  void read(const std::function<void(Connection&)>& work);

  /// Runs `work` without a transaction on a connection of its own, which is closed afterwards: also
  /// inside `write`.
  void apart(const std::function<void(Connection&)>& work);

  /// This thread is inside `write`.
  [[nodiscard]] bool in_transaction() const noexcept;

 private:
  class Lease;
  class Membership;

  enum class Outcome { done, lost_idle };

  [[nodiscard]] std::unique_ptr<Connection> take_idle();
  void drop_idle();
  void give_back(std::unique_ptr<Connection> connection) noexcept;
  [[nodiscard]] Connection* current() const noexcept;
  Outcome write_once(const std::function<void(Connection&)>& work);
  Outcome read_once(const std::function<void(Connection&)>& work);

  Factory factory_;
  KnownTime known_time_;
  std::mutex mutex_{};
  std::vector<std::unique_ptr<Connection>> idle_{};
  unsigned uses_{0};  ///< beside idle ones
};

/// An open transaction and its connection; rolled back when it goes. For one thread at a time; its
/// pool outlives it.
class ConnectionPool::Kept {
 public:
  explicit Kept(ConnectionPool& pool);
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept();

  /// Nested calls of the pool join it meanwhile.
  void run(const std::function<void(Connection&)>& work);
  void commit();
  /// The connection was idle before, and has turned out to be lost.
  [[nodiscard]] bool lost_idle() const noexcept;

 private:
  const ConnectionPool& pool_;
  std::unique_ptr<Lease> lease_;
  bool open_{true};
};

}  // namespace errand::sql
