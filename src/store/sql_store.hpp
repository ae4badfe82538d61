#pragma once

#include "base/system_clock.hpp"
#include "store/connection_pool.hpp"
#include "store/migrator.hpp"
#include "store/open_store.hpp"
#include "store/sql_database.hpp"
#include "store/sql_job_reader.hpp"
#include "store/sql_job_store.hpp"
#include "store/sql_notifications.hpp"

namespace errand::sql {

/// What tells one database from another.
struct Dialect {
  const Statements& statements;
  ConnectionPool::Factory connect;
  ConnectionPool::KnownTime known_time;
  Borrow borrow;
  std::unique_ptr<NodeFeed> feed{};
  Holds holds{Holds::by_notes};
};

/// `Store` over one dialect.
class SqlStore final : public Store {
 public:
  SqlStore(Dialect dialect,
           const RetentionDefaults& retention,
           std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>())
      : pool_{std::move(dialect.connect), std::move(dialect.known_time)},
        jobs_{pool_, retention, std::move(dialect.borrow), dialect.holds, std::move(clock)},
        migrator_{pool_, dialect.statements},
        feed_{std::move(dialect.feed)} {}

  [[nodiscard]] JobStore& jobs() override { return jobs_; }

  [[nodiscard]] JobReader& reader() override { return reader_; }

  [[nodiscard]] NotificationStore& notifications() override { return notifications_; }

  [[nodiscard]] Database& database() override { return database_; }

  [[nodiscard]] NodeFeed* feed() noexcept override { return feed_.get(); }

  using Store::migrate;

  std::vector<std::string> migrate(const ToldToWait& told) override {
    return migrator_.migrate(told);
  }

  [[nodiscard]] std::vector<std::string> pending_migrations() override {
    return migrator_.pending();
  }

 private:
  ConnectionPool pool_;
  SqlJobStore jobs_;
  SqlJobReader reader_{pool_};
  SqlNotifications notifications_{pool_};
  SqlDatabase database_{pool_};
  Migrator migrator_;
  std::unique_ptr<NodeFeed> feed_;
};

/// SQLite, at the file and with the clock that `options` name.
[[nodiscard]] Dialect sqlite_dialect(const StoreOptions& options, const std::string& path);

/// PostgreSQL, at the server that the options' URL names. Throws `Error{invalid}` for a URL that is
/// none.
[[nodiscard]] Dialect postgres_dialect(const StoreOptions& options);

}  // namespace errand::sql
