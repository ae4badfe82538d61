#include <unistd.h>

#include <stdexcept>

#include <sqlite3.h>

#include "common/process.hpp"
#include "scenarios/database.hpp"

namespace errand::bench {
namespace {

class SqliteDatabase : public BenchDatabase {
 public:
  explicit SqliteDatabase(std::string path) : path_{std::move(path)} {
    constexpr int patience_ms = 60'000;
    check(sqlite3_open(path_.c_str(), &handle_));
    sqlite3_busy_timeout(handle_, patience_ms);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  }

  ~SqliteDatabase() override { sqlite3_close(handle_); }

  [[nodiscard]] bool is_sqlite() const override { return true; }

  [[nodiscard]] std::string url() const override { return "sqlite:" + path_; }

  void run(const std::string& sql) override {
    check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
  }

  std::int64_t number(const std::string& sql, std::int64_t otherwise) override {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr));
    const bool found =
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL;
    const std::int64_t value = found ? sqlite3_column_int64(statement, 0) : otherwise;
    check(sqlite3_finalize(statement));
    return value;
  }

  [[nodiscard]] std::int64_t server_cpu_ns() const override { return 0; }

  void flush() override {
    run("PRAGMA wal_checkpoint(PASSIVE)");
    ::sync();
  }

  /// No ANALYZE: a file that errand uses has no statistics either.
  void settle() override {
    run("PRAGMA wal_checkpoint(RESTART)");
    ::sync();
  }

  int insert_one_by_one(const std::string& data, double seconds) override {
    run(as_errand_submits);
    const Stopwatch watch;
    const int count = insert_while(
        insert_row + " RETURNING id", data, [&](int) { return watch.seconds() < seconds; });
    run("PRAGMA synchronous = NORMAL");
    return count;
  }

  double insert_in_bulk(const std::string& data, int count) override {
    run(as_errand_submits);
    const Stopwatch watch;
    run("BEGIN IMMEDIATE");
    static_cast<void>(insert_while(insert_row, data, [count](int done) { return done < count; }));
    run("COMMIT");
    const double taken = watch.seconds();
    run("PRAGMA synchronous = NORMAL");
    return taken;
  }

  [[nodiscard]] std::unique_ptr<BenchDatabase> another() const override {
    return make_sqlite(path_);
  }

 private:
  static constexpr const char* as_errand_submits =
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000";

  template <typename Goes>
  [[nodiscard]] int insert_while(const std::string& sql,
                                 const std::string& data,
                                 const Goes& goes) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr));
    check(sqlite3_bind_text(statement, 1, data.data(), static_cast<int>(data.size()), nullptr));
    int count = 0;
    for (; goes(count); ++count) {
      while (sqlite3_step(statement) == SQLITE_ROW)
        continue;
      check(sqlite3_reset(statement));
    }
    check(sqlite3_finalize(statement));
    return count;
  }

  void check(int code) const {
    if (code != SQLITE_OK)
      throw std::runtime_error{path_ + ": " + sqlite3_errmsg(handle_)};
  }

  std::string path_;
  sqlite3* handle_{nullptr};
};

}  // namespace

std::unique_ptr<BenchDatabase> make_sqlite(const std::string& path) {
  return std::make_unique<SqliteDatabase>(path);
}

std::unique_ptr<BenchDatabase> make_database(const std::string& base,
                                             const std::string& folder,
                                             const std::string& name) {
  if (base.empty())
    return make_sqlite(folder + "/" + name + ".db");
  auto database = make_postgresql(base, "bench_" + name);
  database->run("DROP SCHEMA IF EXISTS bench_" + name + " CASCADE");
  database->run("CREATE SCHEMA bench_" + name);
  return database;
}

}  // namespace errand::bench
