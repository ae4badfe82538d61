#include "store/connection_pool.hpp"

#include <algorithm>

namespace errand::sql {
namespace {

constexpr int write_tries_max = 7;
constexpr std::size_t idle_connections_max = 8;

struct OpenTransaction {
  const ConnectionPool* pool{nullptr};
  Connection* connection{nullptr};
};

thread_local std::vector<OpenTransaction> open_transactions;

}  // namespace

/// A connection for the length of a scope.
class ConnectionPool::Lease {
 public:
  explicit Lease(ConnectionPool& pool) : pool_{pool}, connection_{pool.take()} {}

  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  ~Lease() { pool_.give_back(std::move(connection_)); }

  [[nodiscard]] Connection& connection() noexcept { return *connection_; }

 private:
  ConnectionPool& pool_;
  std::unique_ptr<Connection> connection_;
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

ConnectionPool::ConnectionPool(Factory factory) : factory_{std::move(factory)} {}

std::unique_ptr<Connection> ConnectionPool::take() {
  {
    const std::lock_guard lock{mutex_};
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return factory_();
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) noexcept {
  if (!connection->usable())
    return;
  const std::lock_guard lock{mutex_};
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

void ConnectionPool::write_once(const std::function<void(Connection&)>& work) {
  Lease lease{*this};
  Connection& connection = lease.connection();
  connection.begin();
  try {
    const Membership membership{*this, connection};
    work(connection);
    connection.commit();
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
      write_once(work);
      return;
    } catch (const TransientError&) {
      if (tries == write_tries_max)
        throw;
    }
  }
}

void ConnectionPool::read(const std::function<void(Connection&)>& work) {
  if (Connection* outer = current()) {
    work(*outer);
    return;
  }
  Lease lease{*this};
  work(lease.connection());
}

}  // namespace errand::sql
