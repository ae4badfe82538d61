// How a connection copies rows.

#include "store/postgresql/postgres_connection.hpp"
#include "store/postgresql/postgres_copy.hpp"
#include "store/statements.hpp"

namespace errand::sql {

/// Nothing of the table changes from here on: the transaction has written to it.
PostgresServer::Types PostgresConnection::copied_types() {
  PostgresServer::Types types;
  select(Query::copied_columns,
         [&](const Row& row) { types.push_back(static_cast<Oid>(row.integer(0))); });
  return types;
}

class PostgresConnection::Copy final : public RowCopy {
 public:
  Copy(PostgresConnection& connection, Query query, PostgresServer::Types types)
      : connection_{connection},
        query_{query},
        types_{std::move(types)},
        rows_{*connection.handle_,
              connection.patience(),
              Statements::of_postgresql().text(query).data()} {}

  [[nodiscard]] Parameters& row() override { return row_; }

  void add() override { rows_.add(types_, row_.values()); }

  void end() override {
    const auto answer = rows_.end();
    if (!is_good(answer))
      connection_.fail(answer ? failure_of(connection_.handle_, answer.get()) : rows_.loss(),
                       name_of(query_));
  }

  [[nodiscard]] std::size_t bytes() const noexcept override { return rows_.bytes(); }

 private:
  PostgresConnection& connection_;
  Query query_;
  PostgresServer::Types types_;
  PostgresParameters row_{};
  PostgresCopy rows_;
};

std::unique_ptr<RowCopy> PostgresConnection::copy(Query query) {
  auto types = copied_types();
  return types.empty() ? nullptr : std::make_unique<Copy>(*this, query, std::move(types));
}

}  // namespace errand::sql
