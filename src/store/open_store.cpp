#include "store/open_store.hpp"

#include "base/system_clock.hpp"
#include "store/postgresql/postgres_url.hpp"
#include "store/sql_store.hpp"
#include "store/sqlite/sqlite_connection.hpp"

namespace errand {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

std::string scheme_of(const std::string& url) {
  const auto colon = url.find(':');
  return colon == std::string::npos ? "nothing" : url.substr(0, colon + 1);
}

std::shared_ptr<const Clock> clock_of(const StoreOptions& options) {
  return options.clock ? options.clock : std::make_shared<SystemClock>();
}

}  // namespace

namespace sql {

Dialect sqlite_dialect(const StoreOptions& options, const std::string& path) {
  const auto clock = clock_of(options);
  const SqliteOptions connection{path, options.durability, clock};
  return {Statements::of_sqlite(),
          [connection] { return std::make_unique<SqliteConnection>(connection); },
          [clock] { return std::optional{clock->wall_now()}; },
          [clock](const BorrowedTransaction& lent) -> std::unique_ptr<Connection> {
            if (lent.sqlite() == nullptr)
              throw Error{ErrorKind::invalid,
                          "the lent transaction is PostgreSQL's, but the jobs are in SQLite; lend "
                          "a sqlite3 handle of the same file"};
            return std::make_unique<SqliteConnection>(*lent.sqlite(), clock);
          }};
}

}  // namespace sql

std::optional<std::string> sqlite_path(const std::string& database_url) {
  if (!database_url.starts_with(sqlite_scheme))
    return std::nullopt;
  std::string path = database_url.substr(sqlite_scheme.size());
  if (path.starts_with("//"))  // sqlite:///absolute and sqlite://relative, as other programs write
    path.erase(0, 2);
  return path;
}

std::unique_ptr<Store> open_store(const StoreOptions& options) {
  if (sql::is_postgres_url(options.database_url))
    return std::make_unique<sql::SqlStore>(
        sql::postgres_dialect(options), options.retention, clock_of(options));
  const auto path = sqlite_path(options.database_url);
  if (!path)
    throw Error{ErrorKind::invalid,
                "DATABASE_URL begins with " + scheme_of(options.database_url) +
                    ", which this program cannot open; use sqlite:PATH or postgresql://HOST/NAME",
                "DATABASE_URL"};
  if (path->empty() || *path == ":memory:")
    throw Error{ErrorKind::invalid,
                "DATABASE_URL names no file; use sqlite:PATH, for example sqlite:errand.db",
                "DATABASE_URL"};
  return std::make_unique<sql::SqlStore>(
      sql::sqlite_dialect(options, *path), options.retention, clock_of(options));
}

}  // namespace errand
