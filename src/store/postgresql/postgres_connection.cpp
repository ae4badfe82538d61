#include "store/postgresql/postgres_connection.hpp"

#include <utility>

#include <libpq-fe.h>

#include "store/postgresql/postgres_row.hpp"
#include "store/postgresql/postgres_values.hpp"

namespace errand::sql {
namespace {

constexpr std::string_view programs_statement = "the program's statement";
constexpr const char* begin_text = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

bool is_open(PGTransactionStatusType status) {
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

void add_value(EncodedValues& encoded, const SqlValue& value) {
  if (std::holds_alternative<std::nullptr_t>(value))
    return encoded.add_null();
  encoded.add_text(text_form(std::visit([](const auto& held) { return Param{held}; }, value)));
}

}  // namespace

void PostgresConnection::check(std::span<const PostgresResult> results,
                               const PostgresPipeline& pipeline,
                               std::string_view what) {
  for (const PostgresResult& result : results)
    if (!is_good(result))
      fail(result ? failure_of(handle_, result.get()) : pipeline.loss(), what);
}

SqlRows PostgresConnection::run_text(std::string_view sql,
                                     const std::vector<SqlValue>& values,
                                     std::int64_t& changed) {
  serve_the_program();
  EncodedValues encoded;
  for (const SqlValue& value : values)
    add_value(encoded, value);
  const bool inside = in_transaction();
  PostgresPipeline pipeline{*handle_, std::nullopt};
  const std::size_t openers = send_openers(pipeline);
  pipeline.query(std::string{sql}.c_str(), {}, encoded, ResultForm::text);
  const auto results = pipeline.run();
  refuse_shape(results.back());
  check(results, pipeline, programs_statement);
  if (inside && !is_open(PQtransactionStatus(handle_))) {
    usable_ = false;
    throw Error{ErrorKind::invalid,
                "the program's statement ended the transaction that errand opened; leave BEGIN, "
                "COMMIT and ROLLBACK to with_transaction"};
  }
  changed = changes_of(*results[openers]);
  return rows_of(*results[openers]);
}

/// What the server would do, but this interface cannot.
void PostgresConnection::refuse_shape(const PostgresResult& result) {
  const auto status = PQresultStatus(result.get());
  const bool copies =
      status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
  if (copies)
    usable_ = false;
  if (copies || (result && status == PGRES_EMPTY_QUERY))
    throw Error{ErrorKind::invalid,
                "the program's statement must be exactly one SQL statement, and not a COPY from or "
                "to the client"};
}

void PostgresConnection::run_script(std::string_view sql) {
  if (!openers_.empty())
    openers_.push_back("SET LOCAL statement_timeout TO 0");
  open_now();
  run_simple(std::string{sql}.c_str(), "migration");
}

void PostgresConnection::run_simple(const char* sql, std::string_view what) {
  const PostgresResult result{PQexec(handle_, sql)};
  if (!is_good(result))
    fail(failure_of(handle_, result.get()), what);
}

void PostgresConnection::open_now() {
  if (openers_.empty())
    return;
  PostgresPipeline pipeline{*handle_, patience()};
  send_openers(pipeline);
  check(pipeline.run(), pipeline, "begin");
}

void PostgresConnection::begin() {
  relaxed_ = false;
  commits_along_ = false;
  commit_sent_ = false;
  openers_ = {begin_text};
  if (!keeps_session_) {
    openers_.push_back("SET LOCAL statement_timeout TO '10s'");
    openers_.push_back("SET LOCAL idle_in_transaction_session_timeout TO '60s'");
    for (const char* setting : {"SET LOCAL enable_seqscan TO off",
                                "SET LOCAL enable_bitmapscan TO off",
                                "SET LOCAL jit TO off"})
      openers_.push_back(setting);
  }
  plans_by_index_ = true;
}

void PostgresConnection::relax_commit() {
  if (openers_.empty() || ownership_ == Ownership::borrowed)
    return;  // the transaction is not this caller's alone
  openers_.push_back("SET LOCAL synchronous_commit TO off");
  relaxed_ = true;
}

/// Whoever keeps it open may be frozen or cut off: then others wait no longer than for a lost node.
void PostgresConnection::keep_open() {
  openers_.push_back("SET LOCAL idle_in_transaction_session_timeout TO '30s'");
}

void PostgresConnection::commit_along() {
  commits_along_ = true;
}

bool PostgresConnection::in_transaction() const {
  return !openers_.empty() || is_open(PQtransactionStatus(handle_));
}

/// What the host program writes is never less durable than its server promises, and its statements
/// are planned as that plans.
void PostgresConnection::serve_the_program() {
  const bool inside = in_transaction();
  if (relaxed_)
    openers_.push_back("SET LOCAL synchronous_commit TO DEFAULT");
  if (plans_by_index_ && inside)
    for (const char* setting : {"SET LOCAL enable_seqscan TO DEFAULT",
                                "SET LOCAL enable_bitmapscan TO DEFAULT",
                                "SET LOCAL jit TO DEFAULT"})
      openers_.push_back(setting);
  relaxed_ = plans_by_index_ = false;
}

void PostgresConnection::expect_committed(pg_result& result) {
  if (std::string_view{PQcmdStatus(&result)} != "COMMIT")
    throw Error{ErrorKind::bug,
                "the transaction was committed after a statement of it had failed; nothing was "
                "stored"};
}

void PostgresConnection::commit() {
  openers_.clear();
  if (PQtransactionStatus(handle_) == PQTRANS_IDLE)  // nothing was asked, so nothing was begun
    return;
  if (!still_open()) {
    usable_ = false;
    throw TransientError{"commit failed on " + server_->url().where() +
                         ": the connection was lost before it was sent; nothing was written"};
  }
  commit_sent_ = true;
  PostgresPipeline pipeline{*handle_, patience()};
  pipeline.query("COMMIT");
  const auto results = pipeline.run();
  check(results, pipeline, "commit");
  expect_committed(*results.front());
}

void PostgresConnection::rollback() noexcept {
  openers_.clear();
  if (!usable_ || !is_open(PQtransactionStatus(handle_)))
    return;
  try {
    PostgresPipeline pipeline{*handle_, patience()};
    pipeline.query("ROLLBACK");
    check(pipeline.run(), pipeline, "rollback");
  } catch (const std::exception&) {
    usable_ = false;
  }
}

TimePoint PostgresConnection::now() {
  if (const auto known = server_->now())
    return *known;
  const auto asked = std::chrono::steady_clock::now();
  PostgresPipeline pipeline{*handle_, patience()};
  pipeline.query("SELECT clock_timestamp()");
  const auto results = pipeline.run();
  check(results, pipeline, "now");
  const TimePoint instant = PostgresRow{*results.front(), 0}.time(0);
  server_->note_time(instant, asked);
  return instant;
}

void PostgresConnection::note_time(TimePoint instant, std::chrono::steady_clock::time_point asked) {
  server_->note_time(instant, asked);
}

NativeHandle PostgresConnection::native_handle() {
  serve_the_program();
  open_now();
  return NativeHandle{handle_};
}

bool PostgresConnection::still_open() noexcept {
  return usable_ && !has_hung_up(*handle_);
}

const Habits& PostgresConnection::habits() const noexcept {
  static constexpr Habits many{.rows_per_statement = 128,
                               .takes_fewer_rows = true,
                               .copied_rows_min = 2000,
                               .held_run_min = 32,
                               .held_set_min = 32,
                               .tells_ids = true,
                               .claim_starts = true,
                               .keeps_dead = true};
  static constexpr Habits lent = [] {
    Habits habits = many;
    habits.copied_rows_min = 0;
    return habits;
  }();
  return ownership_ == Ownership::own ? many : lent;
}

std::optional<std::chrono::milliseconds> PostgresConnection::patience() const {
  return ownership_ == Ownership::own ? std::optional{server_->patience()} : std::nullopt;
}

void PostgresConnection::fail(const PostgresFailure& failure, std::string_view what) {
  if (breaks_connection(failure) || PQstatus(handle_) != CONNECTION_OK)
    usable_ = false;
  if (commit_sent_ && !usable_)
    throw Error{ErrorKind::unavailable,
                "commit failed on " + server_->url().where() + ": " + failure.message +
                    "; whether the transaction was stored is unknown: look before trying again"};
  throw_postgres_error(failure, what, server_->url().where());
}

}  // namespace errand::sql
