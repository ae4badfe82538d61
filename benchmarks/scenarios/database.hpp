#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

namespace errand::bench {

/// A database of the benchmark's own, with a connection beside errand's: to look, to fill the table
/// at once, and to stand in the way. On SQLite a file, on PostgreSQL a schema; gone at the end.
class BenchDatabase {
 public:
  BenchDatabase() = default;
  BenchDatabase(const BenchDatabase&) = delete;
  BenchDatabase& operator=(const BenchDatabase&) = delete;
  virtual ~BenchDatabase() = default;

  [[nodiscard]] virtual bool is_sqlite() const = 0;

  /// What errand is to be given as DATABASE_URL.
  [[nodiscard]] virtual std::string url() const = 0;

  virtual void run(const std::string& sql) = 0;

  /// The first column of the first row as a number, or `otherwise` when there is none.
  [[nodiscard]] virtual std::int64_t number(const std::string& sql, std::int64_t otherwise) = 0;

  /// Of the server's processes, in nanoseconds; 0 on SQLite.
  [[nodiscard]] virtual std::int64_t server_cpu_ns() const = 0;

  /// Nothing left to write back.
  virtual void flush() = 0;

  /// Nothing left to write back, and statistics as the server keeps them by itself, so that a run
  /// does not pay for the one before.
  virtual void settle() = 0;

  /// Stores such a row of worker_jobs again and again, as a program would that has nothing but the
  /// database's library: one prepared statement, each a durable transaction. How many.
  [[nodiscard]] virtual int insert_one_by_one(const std::string& data, double seconds) = 0;

  /// Stores so many of them in one transaction, in the fastest way that the library has. Seconds.
  [[nodiscard]] virtual double insert_in_bulk(const std::string& data, int count) = 0;

  /// A second connection to the same.
  [[nodiscard]] virtual std::unique_ptr<BenchDatabase> another() const = 0;
};

/// Its parameter is the payload; it is due when no benchmark runs any more.
inline const std::string insert_row =
    "INSERT INTO worker_jobs (tag, type, data, due) VALUES ('noop', 'noop', $1, '2099-01-01 "
    "00:00:00')";

/// Empty. `base` is the URL of a PostgreSQL database; empty means an SQLite file in `folder`.
[[nodiscard]] std::unique_ptr<BenchDatabase> make_database(const std::string& base,
                                                           const std::string& folder,
                                                           const std::string& name);

[[nodiscard]] std::unique_ptr<BenchDatabase> make_sqlite(const std::string& path);
[[nodiscard]] std::unique_ptr<BenchDatabase> make_postgresql(const std::string& base,
                                                             const std::string& schema);

}  // namespace errand::bench
