// sqlite_limit [--only SCENARIO]: what SQLite itself does in a second, on a file of its own in the
// working folder.

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "common/measure.hpp"
#include "common/process.hpp"
#include "limit/limit.hpp"

namespace errand::bench {
namespace {

constexpr std::size_t rows_per_statement = 32;

/// The seed's table and an index in the order of claims.
const char* const table = R"(
DROP TABLE IF EXISTS limit_jobs;
CREATE TABLE limit_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tag TEXT NOT NULL, type TEXT NOT NULL,
  user_id INTEGER NOT NULL, data TEXT NOT NULL, due INTEGER NOT NULL, started INTEGER,
  finished INTEGER, remove_at INTEGER, success INTEGER, result TEXT, cron_schedule TEXT,
  auto_reschedule_on_failure INTEGER NOT NULL DEFAULT 0,
  auto_reschedule_on_failure_delay INTEGER NOT NULL DEFAULT 0,
  remove_delay INTEGER NOT NULL DEFAULT 0, rescheduled_from_job INTEGER,
  persistent INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX limit_waiting ON limit_jobs (due) WHERE started IS NULL)";

const char* const settings =
    "PRAGMA journal_mode = WAL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000;"
    "PRAGMA secure_delete = OFF; PRAGMA wal_autocheckpoint = 4000; PRAGMA synchronous = ";

const std::string columns =
    "INSERT INTO limit_jobs (tag, type, user_id, data, due, created_at, updated_at) VALUES ";

std::string repeated(const std::string& tuple) {
  std::string all = tuple;
  for (std::size_t row = 1; row < rows_per_statement; ++row)
    all += ", " + tuple;
  return all;
}

const char* const row_values = "('bench', 'noop', 0, ?, 1, 1, 1)";

class File {
 public:
  File(const std::string& path, const std::string& synchronous)
      : lock_{::open((path + "-limit").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)} {
    check(sqlite3_open(path.c_str(), &raw_) == SQLITE_OK);
    run(settings + synchronous);
  }

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  ~File() {
    sqlite3_close(raw_);
    ::close(lock_);
  }

  void check(bool good) const {
    if (!good)
      throw std::runtime_error{sqlite3_errmsg(raw_)};
  }

  void run(const std::string& sql) const {
    check(sqlite3_exec(raw_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }

  [[nodiscard]] sqlite3_stmt* prepare(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(raw_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    return statement;
  }

  void step(sqlite3_stmt* statement) const {
    check(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
  }

  /// A transaction under the lock that keeps writers from meeting in SQLite's busy handler.
  template <typename Work>
  void transaction(const Work& work) const {
    set_lock(F_WRLCK);
    run("BEGIN IMMEDIATE");
    work();
    run("COMMIT");
    set_lock(F_UNLCK);
  }

 private:
  void set_lock(short type) const {
    flock whole{};

    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    if (::fcntl(lock_, F_OFD_SETLKW, &whole) != 0)
      throw std::runtime_error{"cannot lock the database's side file"};
  }

  sqlite3* raw_{nullptr};
  int lock_;
};

void bind(sqlite3_stmt* statement, int index, const std::string& text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), nullptr);
}

void insert_until(const std::string& path, const std::string& payload, double seconds, int& count) {
  const File file{path, "FULL"};
  sqlite3_stmt* statement = file.prepare(columns + row_values);
  bind(statement, 1, payload);
  const Stopwatch watch;
  for (; watch.seconds() < seconds; ++count)
    file.transaction([&] { file.step(statement); });
  sqlite3_finalize(statement);
}

/// Takes and finishes; ids that fill up a statement are 0.
class Drain {
 public:
  explicit Drain(const std::string& path) : file_{path, "NORMAL"} {}

  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  ~Drain() {
    sqlite3_finalize(claim_);
    sqlite3_finalize(finish_);
  }

  void run_plain(int batch) {
    do {
      file_.transaction([&] { claim(batch); });
      file_.transaction([&] { finish(); });
    } while (!ids_.empty());
  }

  void run_best(int batch) {
    do
      file_.transaction([&] {
        finish();
        claim(batch);
      });
    while (!ids_.empty());
  }

 private:
  void claim(int batch) {
    ids_.clear();
    sqlite3_bind_int(claim_, 1, batch);
    while (sqlite3_step(claim_) == SQLITE_ROW) {
      ids_.push_back(sqlite3_column_int64(claim_, 0));
      data_ = reinterpret_cast<const char*>(sqlite3_column_text(claim_, 1));
    }
    sqlite3_reset(claim_);
  }

  void finish() {
    for (std::size_t first = 0; first < ids_.size(); first += rows_per_statement) {
      for (std::size_t row = 0; row < rows_per_statement; ++row)
        sqlite3_bind_int64(
            finish_, static_cast<int>(row) + 1, first + row < ids_.size() ? ids_[first + row] : 0);
      file_.step(finish_);
    }
  }

  File file_;
  sqlite3_stmt* claim_{file_.prepare(
      "UPDATE limit_jobs SET started = 2, updated_at = 2 WHERE id IN (SELECT id FROM limit_jobs "
      "WHERE started IS NULL AND due <= 2 ORDER BY due, id LIMIT ?) RETURNING id, data")};
  sqlite3_stmt* finish_{file_.prepare(
      "WITH done (id) AS (VALUES " + repeated("(?)") +
      ") UPDATE limit_jobs SET finished = 3, updated_at = 3, success = 1, remove_at = 4 "
      "FROM done WHERE limit_jobs.id = done.id AND finished IS NULL")};
  std::vector<std::int64_t> ids_{};
  std::string data_{};
};

class SqliteLimit : public Limit {
 public:
  void begin(Way) override {
    open_.run(table);
    open_.run("PRAGMA wal_checkpoint(RESTART)");
    ::sync();
  }

  double insert(int count) override {
    const File file{path_, "FULL"};
    sqlite3_stmt* many = file.prepare(columns + repeated(row_values));
    sqlite3_stmt* one = file.prepare(columns + row_values);
    for (int index = 1; index <= static_cast<int>(rows_per_statement); ++index)
      bind(many, index, payload());
    bind(one, 1, payload());
    const Stopwatch watch;
    file.transaction([&] {
      int left = count;
      for (; left >= static_cast<int>(rows_per_statement);
           left -= static_cast<int>(rows_per_statement))
        file.step(many);
      for (; left > 0; --left)
        file.step(one);
    });
    const double seconds = watch.seconds();
    sqlite3_finalize(many);
    sqlite3_finalize(one);
    return seconds;
  }

  void spread(int kinds) override {
    open_.run("UPDATE limit_jobs SET due = due - id * " + std::to_string(kind_step) + " % " +
              std::to_string(kinds));
    open_.run("PRAGMA wal_checkpoint(RESTART)");
    ::sync();
  }

  /// SQLite has one way in.
  double copy(int count) override { return insert(count); }

  double insert_one_by_one(int clients, double seconds) override {
    return rate_of(clients, [&](int& count) { insert_until(path_, payload(), seconds, count); });
  }

  double drain(Way way, int workers, int batch) override {
    return run_self(workers,
                    {"--drain", way == Way::best ? "best" : "plain", path_, std::to_string(batch)});
  }

  [[nodiscard]] std::int64_t own_cpu() const override { return cpu_ns_of_ended_children(); }

  [[nodiscard]] std::int64_t server_cpu() const override { return 0; }

 private:
  BenchFolder folder_{};
  std::string path_{folder_.file("limit.db")};
  /// As long as somebody has the file open, the log beside it keeps its size.
  File open_{path_, "FULL"};
};

}  // namespace
}  // namespace errand::bench

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments{argv + 1, argv + argc};
    if (arguments.size() == 4 && arguments[0] == "--drain") {
      errand::bench::Drain drain{arguments[2]};
      const int batch = std::stoi(arguments[3]);
      errand::bench::wait_for_the_others();
      arguments[1] == "best" ? drain.run_best(batch) : drain.run_plain(batch);
      return 0;
    }
    errand::bench::SqliteLimit limit;
    errand::bench::measure_limit(limit, errand::bench::read_wishes("sqlite_limit", argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sqlite_limit: %s\n", error.what());
    return 1;
  }
}
