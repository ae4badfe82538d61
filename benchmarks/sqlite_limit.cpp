// The limit: only the SQL that the work cannot do without, straight at SQLite, on the store's
// schema. `sqlite_limit [jobs]`; what the store makes of it is `store_bench`. A bar is a ratio of
// the two.

#include <stdexcept>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "bench_process.hpp"
#include "store/sqlite/writer_lock.hpp"
#include "store/statements.hpp"

namespace {

using errand::bench::BenchFolder;
using errand::bench::print_rate;
using errand::bench::Stopwatch;

constexpr int rows_per_statement = 32;

void check(bool good, sqlite3* handle) {
  if (!good)
    throw std::runtime_error{sqlite3_errmsg(handle)};
}

struct Handle {
  explicit Handle(const std::string& path) : lock{path} {
    check(sqlite3_open(path.c_str(), &raw) == SQLITE_OK, raw);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -32000; PRAGMA secure_delete = OFF; PRAGMA wal_autocheckpoint = 4000");
  }

  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  ~Handle() { sqlite3_close(raw); }

  void run(const std::string& sql) const {
    check(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, raw);
  }

  [[nodiscard]] sqlite3_stmt* prepare(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(raw, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK, raw);
    return statement;
  }

  sqlite3* raw{nullptr};
  errand::sql::WriterLock lock;
};

std::string repeated(const std::string& tuple) {
  std::string all = tuple;
  for (int row = 1; row < rows_per_statement; ++row)
    all += ", " + tuple;
  return all;
}

void insert(const std::string& path, int count) {
  const Handle handle{path};
  for (const auto& migration : errand::sql::Statements::of_sqlite().migrations())
    handle.run(std::string{migration.text});
  sqlite3_stmt* statement = handle.prepare(
      "INSERT INTO worker_jobs (tag, type, data, due, created_at, updated_at) VALUES " +
      repeated("('bench', 'noop', ?, 1, 1, 1)"));
  const std::string data = R"({"customField":")" + std::string(80, 'x') + R"("})";
  const Stopwatch watch;
  handle.run("BEGIN IMMEDIATE");
  for (int row = 0; row < count; row += rows_per_statement) {
    for (int index = 1; index <= rows_per_statement; ++index)
      sqlite3_bind_text(statement, index, data.data(), static_cast<int>(data.size()), nullptr);
    check(sqlite3_step(statement) == SQLITE_DONE, handle.raw);
    sqlite3_reset(statement);
  }
  handle.run("COMMIT");
  print_rate("limit: insert, one transaction", count, watch.seconds());
  sqlite3_finalize(statement);
}

/// Takes and finishes; ids that fill up a statement are 0.
class Drain {
 public:
  explicit Drain(const std::string& path) : handle_{path} {}

  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  ~Drain() {
    sqlite3_finalize(claim_);
    sqlite3_finalize(finish_);
  }

  void run(int batch) {
    do {
      handle_.lock.lock();
      handle_.run("BEGIN IMMEDIATE");
      finish();
      claim(batch);
      handle_.run("COMMIT");
      handle_.lock.unlock();
    } while (!ids_.empty());
  }

 private:
  void claim(int batch) {
    ids_.clear();
    sqlite3_bind_int(claim_, 1, batch);
    while (sqlite3_step(claim_) == SQLITE_ROW) {
      ids_.push_back(sqlite3_column_int64(claim_, 0));
      data_ = reinterpret_cast<const char*>(sqlite3_column_text(claim_, 2));
    }
    sqlite3_reset(claim_);
  }

  void finish() {
    for (std::size_t first = 0; first < ids_.size(); first += rows_per_statement) {
      for (std::size_t row = 0; row < rows_per_statement; ++row)
        sqlite3_bind_int64(
            finish_, static_cast<int>(row) + 1, first + row < ids_.size() ? ids_[first + row] : 0);
      check(sqlite3_step(finish_) == SQLITE_DONE, handle_.raw);
      sqlite3_reset(finish_);
    }
  }

  Handle handle_;
  sqlite3_stmt* claim_{handle_.prepare(
      "UPDATE worker_jobs SET started = 2, claimed_by = 1, claim_seq = claim_seq + 1 WHERE id IN "
      "(SELECT id FROM worker_jobs WHERE started IS NULL AND queue = 'default' AND priority = 0 "
      "AND due <= 5 ORDER BY due, id LIMIT ?) RETURNING id, claim_seq, data")};
  sqlite3_stmt* finish_{handle_.prepare(
      "WITH done (id) AS (VALUES " + repeated("(?)") +
      ") UPDATE worker_jobs SET finished = 3, success = 1, outcome = 'succeeded', remove_at = 4 "
      "FROM done WHERE worker_jobs.id = done.id AND claim_seq = 1 AND finished IS NULL")};
  std::vector<std::int64_t> ids_{};
  std::string data_{};
};

void measure_drain(int count, int processes, int batch) {
  const BenchFolder folder;
  insert(folder.file("jobs.db"), count);
  const Stopwatch watch;
  errand::bench::run_self(processes, {"--drain", folder.file("jobs.db"), std::to_string(batch)});
  print_rate(
      "limit: drain, " + std::to_string(processes) + " processes, batch " + std::to_string(batch),
      count,
      watch.seconds());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  if (arguments.size() == 3 && arguments[0] == "--drain") {
    Drain{arguments[1]}.run(std::stoi(arguments[2]));
    return 0;
  }
  const int count = arguments.empty() ? 100000 : std::stoi(arguments[0]);
  for (const int batch : {10, 100, 500, 1000})
    for (const int processes : {1, 2})
      measure_drain(batch == 10 ? count / 2 : count, processes, batch);
  return 0;
}
