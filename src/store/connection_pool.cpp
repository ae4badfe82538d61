#include "store/connection_pool.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace errand::sql {
namespace {

constexpr int write_tries_max = 7;
constexpr std::size_t idle_connections_max = 8;
/// A look is a system call, which delays whoever gives a connection back.
constexpr unsigned uses_for_each_look = 16;

struct OpenTransaction {
  const ConnectionPool* pool{nullptr};
  Connection* connection{nullptr};
};

thread_local std::vector<OpenTransaction> open_transactions;

/// 1, 2, 4 … ms, give or take half: those who met once do not meet again at once.
void pause_before_try(int tries) {
  using std::chrono::microseconds;
  thread_local std::minstd_rand random{std::random_device{}()};
  const int most = 1000 << (tries - 1);
  std::this_thread::sleep_for(
      microseconds{std::uniform_int_distribution<int>{most / 2, most * 3 / 2}(random)});
}

}  // namespace

/// A connection for the length of a scope: an idle one, or a new one.
class ConnectionPool::Lease {
 public:
  explicit Lease(ConnectionPool& pool) : pool_{pool}, connection_{pool.take_idle()} {
    was_idle_ = connection_ != nullptr;
    if (!connection_)
      connection_ = pool.factory_();
  }

  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  ~Lease() { pool_.give_back(std::move(connection_)); }

  [[nodiscard]] Connection& connection() noexcept { return *connection_; }

  /// What was idle is lost, probably with its neighbours.
  [[nodiscard]] bool lost_idle() const noexcept { return was_idle_ && !connection_->usable(); }

 private:
  ConnectionPool& pool_;
  std::unique_ptr<Connection> connection_;
  bool was_idle_{false};
};

/// Marks this thread as being inside a transaction on `connection`.
class ConnectionPool::Membership {
 public:
  Membership(const ConnectionPool& pool, Connection& connection) {
    open_transactions.push_back({&pool, &connection});
  }

  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  ~Membership() { open_transactions.pop_back(); }
};

/// Giving a connection back asks for no memory.
ConnectionPool::ConnectionPool(Factory factory, KnownTime known_time)
    : factory_{std::move(factory)}, known_time_{std::move(known_time)} {
  idle_.reserve(idle_connections_max);
}

TimePoint ConnectionPool::now() {
  if (known_time_)
    if (const auto known = known_time_())
      return *known;
  TimePoint now;
  read([&](Connection& connection) { now = connection.now(); });
  return now;
}

std::unique_ptr<Connection> ConnectionPool::take_idle() {
  for (;;) {
    std::unique_ptr<Connection> connection;
    {
      const std::lock_guard lock{mutex_};
      if (idle_.empty())
        return nullptr;
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    if (connection->still_open())
      return connection;
  }
}

void ConnectionPool::drop_idle() {
  std::vector<std::unique_ptr<Connection>> dropped;  // closed outside the lock
  dropped.reserve(idle_connections_max);
  const std::lock_guard lock{mutex_};
  dropped.swap(idle_);
}

/// The one that has waited longest may be lost for long, and nobody would notice: now and then it
/// is looked at.
void ConnectionPool::give_back(std::unique_ptr<Connection> connection) noexcept {
  if (!connection->usable())
    return;
  std::unique_ptr<Connection> lost;  // closed outside the lock
  const std::lock_guard lock{mutex_};
  const bool looks = !idle_.empty() && ++uses_ % uses_for_each_look == 0;
  if (looks && !idle_.front()->still_open()) {
    lost = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
  if (idle_.size() < idle_connections_max)
    idle_.push_back(std::move(connection));
}

Connection* ConnectionPool::current() const noexcept {
  const auto found = std::find_if(open_transactions.begin(),
                                  open_transactions.end(),
                                  [this](const auto& open) { return open.pool == this; });
  return found == open_transactions.end() ? nullptr : found->connection;
}

bool ConnectionPool::in_transaction() const noexcept {
  return current() != nullptr;
}

ConnectionPool::Outcome ConnectionPool::write_once(const std::function<void(Connection&)>& work) {
  Lease lease{*this};
  Connection& connection = lease.connection();
  bool committing = false;
  connection.begin();
  try {
    const Membership membership{*this, connection};
    work(connection);
    committing = true;
    connection.commit();
    return Outcome::done;
  } catch (const Error&) {
    connection.rollback();
    if (!committing && !connection.commit_sent() && lease.lost_idle())
      return Outcome::lost_idle;
    throw;
  } catch (...) {
    connection.rollback();
    throw;
  }
}

void ConnectionPool::write(const std::function<void(Connection&)>& work) {
  if (Connection* outer = current()) {
    work(*outer);
    return;
  }
  for (int tries = 1;; ++tries) {
    try {
      if (write_once(work) == Outcome::done)
        return;
      drop_idle();
    } catch (const TransientError&) {
      if (tries == write_tries_max)
        throw;
      pause_before_try(tries);
    }
  }
}

ConnectionPool::Kept::Kept(ConnectionPool& pool)
    : pool_{pool}, lease_{std::make_unique<Lease>(pool)} {
  lease_->connection().begin();
  lease_->connection().keep_open();
}

ConnectionPool::Kept::~Kept() {
  if (open_)
    lease_->connection().rollback();
}

void ConnectionPool::Kept::run(const std::function<void(Connection&)>& work) {
  const Membership membership{pool_, lease_->connection()};
  work(lease_->connection());
}

void ConnectionPool::Kept::commit() {
  lease_->connection().commit();
  open_ = false;
}

bool ConnectionPool::Kept::lost_idle() const noexcept {
  return lease_->lost_idle();
}

std::unique_ptr<ConnectionPool::Kept> ConnectionPool::keep(
    const std::function<void(Connection&)>& work) {
  for (int tries = 1;; ++tries) {
    auto kept = std::make_unique<Kept>(*this);
    try {
      kept->run(work);
      return kept;
    } catch (const TransientError&) {
      if (tries == write_tries_max)
        throw;
      kept.reset();
      pause_before_try(tries);
    } catch (const Error&) {
      if (!kept->lost_idle())
        throw;
      drop_idle();
    }
  }
}

ConnectionPool::Outcome ConnectionPool::read_once(const std::function<void(Connection&)>& work) {
  Lease lease{*this};
  try {
    work(lease.connection());
    return Outcome::done;
  } catch (const Error&) {
    if (lease.lost_idle())
      return Outcome::lost_idle;
    throw;
  }
}

void ConnectionPool::read(const std::function<void(Connection&)>& work) {
  if (Connection* outer = current()) {
    work(*outer);
    return;
  }
  while (read_once(work) == Outcome::lost_idle)
    drop_idle();
}

void ConnectionPool::apart(const std::function<void(Connection&)>& work) {
  const auto connection = factory_();
  work(*connection);
}

}  // namespace errand::sql
