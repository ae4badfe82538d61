// postgresql_limit --database URL [--only SCENARIO]: what PostgreSQL itself does in a second.

#include <sys/resource.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "common/measure.hpp"
#include "common/process.hpp"
#include "limit/limit.hpp"

namespace errand::bench {
namespace {

/// The seed's table.
const char* const table = R"(
DROP TABLE IF EXISTS limit_jobs;
CREATE TABLE limit_jobs (
  id bigserial PRIMARY KEY, tag text NOT NULL, type text NOT NULL, user_id integer NOT NULL,
  data json NOT NULL, due timestamptz NOT NULL, started timestamptz, finished timestamptz,
  remove_at timestamptz, success boolean, result json, cron_schedule text,
  auto_reschedule_on_failure boolean NOT NULL DEFAULT false,
  auto_reschedule_on_failure_delay integer NOT NULL DEFAULT 0,
  remove_delay integer NOT NULL DEFAULT 0, rescheduled_from_job bigint,
  persistent boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()))";

const char* const plain_index =
    "CREATE INDEX ON limit_jobs (due, id) WHERE started IS NULL AND finished IS NULL";

/// Finishing touches no index, and a row's two changes find room on its page.
const char* const best_index =
    "CREATE INDEX ON limit_jobs (due, id) WHERE started IS NULL;"
    "ALTER TABLE limit_jobs SET (fillfactor = 50)";

const std::string columns = "INSERT INTO limit_jobs (tag, type, user_id, data, due) ";

const std::string insert_many =
    columns + "SELECT 'bench', 'noop', 0, data::json, now() FROM unnest($1::text[]) AS data";

const std::string insert_one = columns + "VALUES ('bench', 'noop', 0, $1, now())";

std::string claim_text(const std::string& waiting, const std::string& limit) {
  return "UPDATE limit_jobs SET started = now(), updated_at = now() WHERE id = ANY (ARRAY("
         "SELECT id FROM limit_jobs WHERE " +
         waiting + " AND due <= now() ORDER BY due, id LIMIT " + limit +
         " FOR UPDATE SKIP LOCKED)) RETURNING id, data";
}

const std::string finish =
    "UPDATE limit_jobs SET finished = now(), updated_at = now(), success = true, "
    "remove_at = now() + interval '1 hour' WHERE id = ANY ($1::bigint[]) AND finished IS NULL";

class Result {
 public:
  explicit Result(PGresult* raw) : raw_{raw} {}

  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;

  ~Result() { PQclear(raw_); }

  [[nodiscard]] PGresult* get() const { return raw_; }

 private:
  PGresult* raw_;
};

class Session {
 public:
  explicit Session(const std::string& url) : raw_{PQconnectdb(url.c_str())} {
    if (PQstatus(raw_) != CONNECTION_OK)
      throw std::runtime_error{PQerrorMessage(raw_)};
  }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() { PQfinish(raw_); }

  [[nodiscard]] PGconn* get() const { return raw_; }

  void run(const char* sql) const { check(Result{PQexec(raw_, sql)}); }

  void prepare(const char* name, const std::string& sql) const {
    check(Result{PQprepare(raw_, name, sql.c_str(), 0, nullptr)});
  }

  /// Calls `use` with what the prepared statement returned.
  template <typename Use>
  void execute(const char* name, const std::string& argument, const Use& use) const {
    const char* const values[] = {argument.c_str()};
    const Result result{PQexecPrepared(raw_, name, 1, values, nullptr, nullptr, 0)};
    check(result);
    use(result.get());
  }

  void execute(const char* name, const std::string& argument) const {
    execute(name, argument, [](PGresult*) {});
  }

  void check(const Result& result) const {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN)
      throw std::runtime_error{PQerrorMessage(raw_)};
  }

 private:
  PGconn* raw_;
};

std::string payload_array(const std::string& payload, int count) {
  std::string element = "\"";
  for (const char letter : payload)
    element += (letter == '"' ? "\\" : "") + std::string{letter};
  element += "\"";
  std::string array = "{" + element;
  for (int row = 1; row < count; ++row)
    array += "," + element;
  return array + "}";
}

void insert_until(const std::string& url, const std::string& payload, double seconds, int& count) {
  const Session session{url};
  session.prepare("one", insert_one);
  const Stopwatch watch;
  for (; watch.seconds() < seconds; ++count)
    session.execute("one", payload);
}

/// The ids of the rows as an array; empty when there are none. Payloads are read.
std::string ids_of(PGresult* rows) {
  std::string ids;
  std::size_t bytes = 0;
  for (int row = 0; row < PQntuples(rows); ++row) {
    ids += (ids.empty() ? "{" : ",") + std::string{PQgetvalue(rows, row, 0)};
    bytes += std::string_view{PQgetvalue(rows, row, 1)}.size();
  }
  return bytes == 0 ? "" : ids + "}";
}

/// Two statements for each batch, each a transaction of its own.
void drain_plain(const Session& session, const std::string& batch) {
  session.prepare("claim", claim_text("started IS NULL AND finished IS NULL", "$1"));
  session.prepare("finish", finish);
  wait_for_the_others();
  for (std::string ids;;) {
    session.execute("claim", batch, [&](PGresult* rows) { ids = ids_of(rows); });
    if (ids.empty())
      return;
    session.execute("finish", ids);
  }
}

/// One statement finishes a batch and takes the next.
void drain_best(const Session& session, const std::string& batch) {
  session.prepare("both", "WITH done AS (" + finish + ") " + claim_text("started IS NULL", batch));
  wait_for_the_others();
  std::string ids = "{}";
  while (!ids.empty())
    session.execute("both", ids, [&](PGresult* rows) { ids = ids_of(rows); });
}

void drain_all(const std::string& way, const std::string& url, const std::string& batch) {
  const Session session{url};
  (way == "best" ? drain_best : drain_plain)(session, batch);
}

class PostgresqlLimit : public Limit {
 public:
  explicit PostgresqlLimit(std::string url) : url_{std::move(url)}, session_{url_} {
    session_.run("SET client_min_messages = warning");
    server_ = parent_of(PQbackendPID(session_.get()));
  }

  ~PostgresqlLimit() override {
    PQclear(PQexec(session_.get(), "DROP TABLE IF EXISTS limit_jobs"));
  }

  void begin(Way way) override {
    session_.run(table);
    session_.run(way == Way::best ? best_index : plain_index);
    session_.run("CHECKPOINT");
    ::sync();
  }

  double insert(int count) override {
    const Session session{url_};
    session.prepare("many", insert_many);
    const std::string array = payload_array(payload(), rows_per_statement);
    const Stopwatch watch;
    session.run("BEGIN");
    for (int left = count; left > 0; left -= rows_per_statement)
      session.execute("many", left >= rows_per_statement ? array : payload_array(payload(), left));
    session.run("COMMIT");
    return watch.seconds();
  }

  void spread(int kinds) override {
    const std::string update = "UPDATE limit_jobs SET due = due - id * " +
                               std::to_string(kind_step) + " % " + std::to_string(kinds) +
                               " * interval '1 second'";
    for (const char* step :
         {update.c_str(), "VACUUM limit_jobs", "REINDEX TABLE limit_jobs", "CHECKPOINT"})
      session_.run(step);
    ::sync();
  }

  double copy(int count) override {
    const std::string line = "bench\tnoop\t0\t" + payload() + "\tnow\n";
    const Stopwatch watch;
    session_.run("COPY limit_jobs (tag, type, user_id, data, due) FROM STDIN");
    for (int row = 0; row < count; ++row)
      PQputCopyData(session_.get(), line.data(), static_cast<int>(line.size()));
    PQputCopyEnd(session_.get(), nullptr);
    session_.check(Result{PQgetResult(session_.get())});
    PQclear(PQgetResult(session_.get()));
    return watch.seconds();
  }

  double insert_one_by_one(int clients, double seconds) override {
    return rate_of(clients, [&](int& count) { insert_until(url_, payload(), seconds, count); });
  }

  double drain(Way way, int workers, int batch) override {
    session_.run("ANALYZE limit_jobs");
    return run_self(workers,
                    {"--drain", way == Way::best ? "best" : "plain", url_, std::to_string(batch)});
  }

  [[nodiscard]] std::int64_t own_cpu() const override { return cpu_ns_of_ended_children(); }

  [[nodiscard]] std::int64_t server_cpu() const override { return cpu_ns_of_server(server_); }

 private:
  static constexpr int rows_per_statement = 1000;

  std::string url_;
  Session session_;
  pid_t server_{0};
};

}  // namespace
}  // namespace errand::bench

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments{argv + 1, argv + argc};
    if (arguments.size() == 4 && arguments[0] == "--drain") {
      errand::bench::drain_all(arguments[1], arguments[2], arguments[3]);
      return 0;
    }
    const auto wishes = errand::bench::read_wishes("postgresql_limit", argc, argv);
    errand::bench::PostgresqlLimit limit{wishes.database};
    errand::bench::measure_limit(limit, wishes);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "postgresql_limit: %s\n", error.what());
    return 1;
  }
}
