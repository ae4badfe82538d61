#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/postgresql/postgres_errors.hpp"
#include "store/postgresql/postgres_parameters.hpp"

struct pg_conn;
struct pg_result;

namespace errand::sql {

struct ClearResult {
  void operator()(pg_result* result) const noexcept;
};

using PostgresResult = std::unique_ptr<pg_result, ClearResult>;

[[nodiscard]] bool is_good(const PostgresResult& result);

enum class ResultForm { text, binary };

/// Statements that travel together, in one round trip. After the first that fails the server skips
/// the others. Between calls the connection is in libpq's normal mode.
class PostgresPipeline {
 public:
  /// Waits `patience` for an answer, or as long as it takes.
  PostgresPipeline(pg_conn& connection, std::optional<std::chrono::milliseconds> patience);
  PostgresPipeline(const PostgresPipeline&) = delete;
  PostgresPipeline& operator=(const PostgresPipeline&) = delete;
  /// Reads what is left, so that the connection can be used on.
  ~PostgresPipeline();

  void query(const char* sql);
  void query(const char* sql,
             std::span<const Oid> types,
             const EncodedValues& values,
             ResultForm form);
  void prepare(const char* name, const char* sql, std::span<const Oid> types);
  void describe(const char* name);
  void execute(const char* name, const EncodedValues& values);

  /// Sends them and reads the answers, one for each. An answer that is missing is null: the
  /// connection was lost, or something could not even be sent.
  [[nodiscard]] std::vector<PostgresResult> run();

  /// Why answers are missing.
  [[nodiscard]] PostgresFailure loss() const;

 private:
  /// Nothing goes out after what could not: its answer would be taken for another's.
  template <typename Send>
  void ask(Send send);
  void synchronize();
  [[nodiscard]] PostgresResult next();
  void drain();

  pg_conn& connection_;
  std::optional<std::chrono::milliseconds> patience_;
  bool was_nonblocking_;
  bool synchronized_{false};
  bool drained_{false};
  bool lost_{false};
  bool stuck_{false};
  std::size_t asked_{0};
  std::size_t sent_{0};
};

/// The other side has hung up: noticed without a round trip, on a connection that waits for
/// nothing.
[[nodiscard]] bool has_hung_up(pg_conn& connection) noexcept;

}  // namespace errand::sql
