#pragma once

#include <memory>
#include <optional>
#include <string>

#include "helpers/postgres_cluster.hpp"
#include "helpers/settable_clock.hpp"
#include "helpers/temporary_database.hpp"
#include "store/sql_store.hpp"

namespace errand::testing {

/// A private database of either kind, "sqlite" or "postgresql", whose clock the test sets. Emptied
/// rather than made anew by a test of many short runs.
class DatabaseHome {
 public:
  enum class Content { migrated, empty };

  explicit DatabaseHome(const std::string& kind, Content content = Content::migrated) {
    if (kind == "sqlite")
      file_.emplace();
    else
      postgres_.emplace(content == Content::migrated ? TemporaryPostgres::Content::migrated
                                                     : TemporaryPostgres::Content::empty);
    if (content == Content::migrated)
      open_store(options())->migrate();
  }

  [[nodiscard]] bool is_postgresql() const { return postgres_.has_value(); }

  [[nodiscard]] std::string url() const { return file_ ? file_->url() : postgres_->url(); }

  [[nodiscard]] StoreOptions options() const {
    return {.database_url = url(), .durability = Durability::relaxed, .clock = clock_};
  }

  [[nodiscard]] sql::Dialect dialect() const {
    return file_ ? sql::sqlite_dialect(options(), file_->path()) : sql::postgres_dialect(options());
  }

  /// A store whose connections are what `wrap` makes of the dialect's.
  template <typename Wrap>
  [[nodiscard]] std::unique_ptr<Store> open_wrapped(Wrap wrap) const {
    auto dialect = this->dialect();
    dialect.connect = wrap(std::move(dialect.connect));
    return std::make_unique<sql::SqlStore>(std::move(dialect), RetentionDefaults{}, clock_);
  }

  [[nodiscard]] SettableClock& clock() const { return *clock_; }

 private:
  std::optional<TemporaryDatabase> file_{};
  std::optional<TemporaryPostgres> postgres_{};
  std::shared_ptr<SettableClock> clock_{std::make_shared<SettableClock>()};
};

inline void delete_all_rows(Store& store) {
  store.database().with_transaction([](Transaction& tx) {
    for (const char* table : {"worker_jobs", "worker_processes", "worker_crons", "notifications"})
      tx.execute(std::string{"DELETE FROM "} + table);
  });
}

}  // namespace errand::testing
