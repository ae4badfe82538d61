#include <unistd.h>

#include <stdexcept>

#include <libpq-fe.h>

#include "common/measure.hpp"
#include "common/process.hpp"
#include "scenarios/database.hpp"

namespace errand::bench {
namespace {

class PostgresqlDatabase : public BenchDatabase {
 public:
  PostgresqlDatabase(std::string base, std::string schema)
      : base_{std::move(base)}, schema_{std::move(schema)}, handle_{PQconnectdb(url().c_str())} {
    if (PQstatus(handle_) != CONNECTION_OK)
      throw std::runtime_error{PQerrorMessage(handle_)};
    server_ = parent_of(PQbackendPID(handle_));
    run("SET client_min_messages = warning");
  }

  ~PostgresqlDatabase() override { PQfinish(handle_); }

  [[nodiscard]] bool is_sqlite() const override { return false; }

  [[nodiscard]] std::string url() const override {
    return base_ + (base_.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" +
           schema_;
  }

  void run(const std::string& sql) override { PQclear(execute(sql)); }

  std::int64_t number(const std::string& sql, std::int64_t otherwise) override {
    PGresult* result = execute(sql);
    const bool found = PQntuples(result) > 0 && PQgetisnull(result, 0, 0) == 0;
    const std::int64_t value = found ? std::stoll(PQgetvalue(result, 0, 0)) : otherwise;
    PQclear(result);
    return value;
  }

  [[nodiscard]] std::int64_t server_cpu_ns() const override { return cpu_ns_of_server(server_); }

  void flush() override {
    run("CHECKPOINT");
    ::sync();
  }

  void settle() override {
    run("VACUUM ANALYZE worker_jobs");
    flush();
  }

  int insert_one_by_one(const std::string& data, double seconds) override {
    PQclear(checked(PQprepare(handle_, "one", (insert_row + " RETURNING id").c_str(), 1, nullptr)));
    const char* const values[] = {data.c_str()};
    int count = 0;
    const Stopwatch watch;
    for (; watch.seconds() < seconds; ++count)
      PQclear(checked(PQexecPrepared(handle_, "one", 1, values, nullptr, nullptr, 0)));
    run("DEALLOCATE one");
    return count;
  }

  double insert_in_bulk(const std::string& data, int count) override {
    const std::string line = "noop\tnoop\t" + data + "\t2099-01-01 00:00:00\n";
    const Stopwatch watch;
    run("COPY worker_jobs (tag, type, data, due) FROM STDIN");
    for (int row = 0; row < count; ++row)
      PQputCopyData(handle_, line.data(), static_cast<int>(line.size()));
    PQputCopyEnd(handle_, nullptr);
    PQclear(checked(PQgetResult(handle_)));
    PQclear(PQgetResult(handle_));
    return watch.seconds();
  }

  [[nodiscard]] std::unique_ptr<BenchDatabase> another() const override {
    return make_postgresql(base_, schema_);
  }

 private:
  PGresult* execute(const std::string& sql) { return checked(PQexec(handle_, sql.c_str())); }

  PGresult* checked(PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
      return result;
    PQclear(result);
    throw std::runtime_error{PQerrorMessage(handle_)};
  }

  std::string base_;
  std::string schema_;
  PGconn* handle_;
  pid_t server_{0};
};

}  // namespace

std::unique_ptr<BenchDatabase> make_postgresql(const std::string& base, const std::string& schema) {
  return std::make_unique<PostgresqlDatabase>(base, schema);
}

}  // namespace errand::bench
