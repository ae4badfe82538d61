#include <vector>

#include "harm.hpp"
#include "sessions.hpp"

namespace errand::torture {
namespace {

constexpr const char* end_one_session =
    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE "
    "backend_type = 'client backend' AND datname = current_database() AND "
    "application_name <> 'torture' ORDER BY random() LIMIT 1) victim";

class KillBackends final : public Harm {
 public:
  explicit KillBackends(const Ground& ground) : ground_{ground} {}

  std::int64_t strike(std::mt19937_64& /*random*/) override {
    const std::int64_t begin = now_us();
    try {
      if (!session_)
        session_.emplace(ground_.database_url);
      if (session_->ask(end_one_session) != "0")
        ground_.history.write(line_of({FaultKind::kill_backends, 0, 0, begin, now_us()}));
    } catch (const Error&) {
      session_.reset();  // the database is away by our own doing
    }
    return 0;
  }

 private:
  const Ground& ground_;
  std::optional<PostgresSession> session_{};
};

class ExhaustPool final : public LastingHarm {
 public:
  explicit ExhaustPool(const Ground& ground) : LastingHarm{FaultKind::exhaust_pool, ground} {}

 private:
  bool begin(std::mt19937_64& /*random*/) override {
    constexpr std::size_t sessions = 300;
    try {
      while (sessions_.size() < sessions)
        sessions_.emplace_back(ground().database_url);
    } catch (const Error&) {  // that was the last one PostgreSQL had
    }
    return !sessions_.empty();
  }

  void end() override { sessions_.clear(); }

  std::vector<PostgresSession> sessions_{};
};

/// Transactions that stay open after what they did first.
class HoldTransactions final : public LastingHarm {
 public:
  HoldTransactions(FaultKind kind, const Ground& ground, std::size_t sessions, std::string first)
      : LastingHarm{kind, ground}, count_{sessions}, first_{std::move(first)} {}

 private:
  bool begin(std::mt19937_64& /*random*/) override {
    for (std::size_t each = 0; each < count_; ++each)
      sessions_.emplace_back(ground().database_url).run(first_);
    return true;
  }

  void end() override { sessions_.clear(); }

  std::size_t count_;
  std::string first_;
  std::vector<PostgresSession> sessions_{};
};

class HoldSqlite final : public LastingHarm {
 public:
  explicit HoldSqlite(const Ground& ground) : LastingHarm{FaultKind::hold_database, ground} {}

 private:
  bool begin(std::mt19937_64& /*random*/) override {
    session_.emplace(ground().database_url);
    session_->run("BEGIN EXCLUSIVE");
    return true;
  }

  void end() override { session_.reset(); }

  std::optional<SqliteSession> session_{};
};

}  // namespace

std::unique_ptr<Harm> make_session_harm(FaultKind kind, const Ground& ground) {
  const auto transactions = [&](std::size_t sessions, const char* first) {
    return std::make_unique<HoldTransactions>(kind, ground, sessions, first);
  };
  if (is_sqlite(ground.database_url))
    return kind == FaultKind::hold_database ? std::make_unique<HoldSqlite>(ground) : nullptr;
  switch (kind) {
    case FaultKind::kill_backends:
      return std::make_unique<KillBackends>(ground);
    case FaultKind::exhaust_pool:
      return std::make_unique<ExhaustPool>(ground);
    case FaultKind::pin_snapshot:
      return transactions(1, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id()");
    case FaultKind::read_snapshots:
      return transactions(
          4, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM worker_jobs");
    case FaultKind::lock_table:
      return transactions(1, "BEGIN; LOCK TABLE worker_jobs");
    default:
      return nullptr;
  }
}

}  // namespace errand::torture
