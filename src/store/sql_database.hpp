#pragma once

#include "store/connection_pool.hpp"

namespace errand::sql {

/// The transaction that user code sees.
class SqlTransaction final : public Transaction {
 public:
  explicit SqlTransaction(Connection& connection) : connection_{connection} {}

  std::int64_t execute_values(std::string_view sql, const std::vector<SqlValue>& values) override;
  SqlRows query_values(std::string_view sql, const std::vector<SqlValue>& values) override;
  [[nodiscard]] NativeHandle native_handle() override;

  [[nodiscard]] Connection& connection() noexcept { return connection_; }

 private:
  Connection& connection_;
};

/// `Database` over the store's connections.
class SqlDatabase final : public Database {
 public:
  explicit SqlDatabase(ConnectionPool& pool) : pool_{pool} {}

 protected:
  void run(const std::function<void(Transaction&)>& work) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace errand::sql
