#pragma once

#include <bitset>
#include <memory>
#include <vector>

#include "store/database.hpp"
#include "store/postgresql/plan_watch.hpp"
#include "store/postgresql/postgres_pipeline.hpp"
#include "store/postgresql/postgres_server.hpp"

namespace errand::sql {

/// A connection to a PostgreSQL server: every call is one round trip, and BEGIN travels with the
/// next one. Statements are prepared once per connection; behind a pooler that gives each
/// transaction another session, and on a lent connection, nothing is left in the session.
class PostgresConnection final : public Connection {
 public:
  /// Throws `Error{unavailable}`.
  explicit PostgresConnection(std::shared_ptr<PostgresServer> server);
  /// Over a connection that the caller owns, inside its transaction. What this object did is undone
  /// when it is left by an exception, and the caller's transaction goes on. Throws `Error{invalid}`
  /// when it is not in a transaction.
  PostgresConnection(pg_conn& borrowed, std::shared_ptr<PostgresServer> server);
  ~PostgresConnection() override;

  void run(Query query, const Batch& batch) override;
  void run_together(std::span<const Question> questions) override;
  [[nodiscard]] std::unique_ptr<RowCopy> copy(Query query) override;
  SqlRows run_text(std::string_view sql,
                   const std::vector<SqlValue>& values,
                   std::int64_t& changed) override;
  void run_script(std::string_view sql) override;

  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  void relax_commit() override;
  void keep_open() override;
  void commit_along() override;

  [[nodiscard]] bool commit_sent() const noexcept override { return commit_sent_; }

  [[nodiscard]] TimePoint now() override;
  void note_time(TimePoint instant, std::chrono::steady_clock::time_point asked) override;

  [[nodiscard]] bool usable() const noexcept override { return usable_; }

  [[nodiscard]] bool still_open() noexcept override;
  [[nodiscard]] NativeHandle native_handle() override;
  [[nodiscard]] const Habits& habits() const noexcept override;

 private:
  enum class Ownership { own, borrowed };

  void connect();
  /// Returns why there is no connection, or nothing.
  [[nodiscard]] std::string try_to_connect();
  void give_back() noexcept;
  [[nodiscard]] bool has_session();
  void set_session_up();
  [[nodiscard]] const PostgresServer::Types& types_of(Query query);
  [[nodiscard]] const char* statement_name(Query query) const;
  [[nodiscard]] PostgresServer::Types copied_types();

  struct Asked;
  class Copy;

  void ask(std::span<const Question> questions);
  [[nodiscard]] Asked asked_of(const Question& question);
  void send(PostgresPipeline& pipeline, const Asked& asked);
  void receive(std::span<const PostgresResult> answers,
               const PostgresPipeline& pipeline,
               std::span<const Asked> asked);
  static void deliver(std::span<const PostgresResult> answers, std::span<const Asked> asked);
  [[nodiscard]] bool commits_by_itself() const;
  void note_prepared(Query query, const PostgresResult& answer);
  static void expect_committed(pg_result& result);
  /// Sends what opens the transaction; returns how many statements that were.
  std::size_t send_openers(PostgresPipeline& pipeline);
  void refuse_shape(const PostgresResult& result);
  /// Throws what the first bad answer stands for.
  void check(std::span<const PostgresResult> results,
             const PostgresPipeline& pipeline,
             std::string_view what);
  /// Begun, or about to be with the next statement.
  [[nodiscard]] bool in_transaction() const;
  void open_now();
  void serve_the_program();
  void run_simple(const char* sql, std::string_view what);
  [[noreturn]] void fail(const PostgresFailure& failure, std::string_view what);
  [[nodiscard]] std::optional<std::chrono::milliseconds> patience() const;

  std::shared_ptr<PostgresServer> server_;
  pg_conn* handle_{nullptr};
  Ownership ownership_{Ownership::own};
  int exceptions_{0};            ///< in flight when the connection was lent
  bool keeps_session_{true};     ///< the next transaction finds what this one prepared
  bool begins_as_we_do_{false};  ///< READ COMMITTED, READ WRITE, without being told
  bool usable_{true};
  bool relaxed_{false};
  bool plans_by_index_{false};  ///< in an own transaction, before the program's first statement
  bool commits_along_{false};   ///< the next statement is sent with the transaction's commit
  bool commit_sent_{false};
  std::bitset<query_names.size()> prepared_{};
  PlanWatch plans_{};
  std::vector<const char*> openers_{};  ///< what opens the transaction, not sent yet
};

}  // namespace errand::sql
