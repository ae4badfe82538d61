#include "store/postgresql/lent_connection.hpp"
#include "store/postgresql/postgres_connection.hpp"
#include "store/postgresql/postgres_feed.hpp"
#include "store/sql_store.hpp"

namespace errand::sql {

Dialect postgres_dialect(const StoreOptions& options) {
  const auto server = std::make_shared<PostgresServer>(options.database_url, options.clock);
  return {Statements::of_postgresql(),
          [server] { return std::make_unique<PostgresConnection>(server); },
          [server] { return server->now(); },
          [server,
           clock = options.clock](const BorrowedTransaction& lent) -> std::unique_ptr<Connection> {
            if (lent.executor())
              return std::make_unique<LentConnection>(lent.executor(), clock);
            if (lent.postgres() == nullptr)
              throw Error{ErrorKind::invalid,
                          "the lent transaction is SQLite's, but the jobs are in PostgreSQL; lend "
                          "one of the same database"};
            return std::make_unique<PostgresConnection>(*lent.postgres(), server);
          },
          std::make_unique<PostgresFeed>(server->url()),
          Holds::by_locks};
}

}  // namespace errand::sql
