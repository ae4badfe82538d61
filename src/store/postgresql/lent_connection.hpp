#pragma once

#include <errand/borrowed_transaction.hpp>
#include <errand/clock.hpp>
#include <memory>
#include <string>

#include "store/database.hpp"

namespace errand::sql {

/// A PostgreSQL transaction that another driver holds: statements go by as text, one at a time.
/// Begins and ends nothing. When it is left by an exception, what it did is undone and the caller's
/// transaction goes on. Throws `Error{invalid}` when there is no transaction.
class LentConnection final : public Connection {
 public:
  /// `clock` is a test's; without it the server's clock rules.
  LentConnection(std::shared_ptr<SqlExecutor> executor, std::shared_ptr<const Clock> clock);
  ~LentConnection() override;

  void run(Query query, const Batch& batch) override;
  SqlRows run_text(std::string_view sql,
                   const std::vector<SqlValue>& values,
                   std::int64_t& changed) override;
  void run_script(std::string_view sql) override;

  void begin() override;
  void commit() override;

  void rollback() noexcept override {}

  [[nodiscard]] const Habits& habits() const noexcept override;
  [[nodiscard]] TimePoint now() override;

  [[nodiscard]] bool usable() const noexcept override { return true; }

  [[nodiscard]] NativeHandle native_handle() override;

 private:
  using Rows = std::vector<std::vector<SqlExecutor::Value>>;

  Rows ask(const std::string& sql,
           const std::vector<SqlExecutor::Value>& values,
           std::string_view what);
  Rows send(const std::string& sql,
            const std::vector<SqlExecutor::Value>& values,
            std::string_view what);

  std::shared_ptr<SqlExecutor> executor_;
  std::shared_ptr<const Clock> clock_;
  int exceptions_;
  bool has_savepoint_{false};
  bool lost_{false};
};

}  // namespace errand::sql
