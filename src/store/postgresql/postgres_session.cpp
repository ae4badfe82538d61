// How a connection begins and ends: opened and set up, or lent.

#include <exception>

#include <libpq-fe.h>

#include "store/postgresql/postgres_connection.hpp"
#include "store/postgresql/postgres_row.hpp"

namespace errand::sql {
namespace {

void ignore_notice(void*, const char*) {}

std::string trouble_with(PGTransactionStatusType status) {
  switch (status) {
    case PQTRANS_IDLE:
      return "is in no transaction: BEGIN one first";
    case PQTRANS_INERROR:
      return "is in a transaction that has failed: roll it back";
    case PQTRANS_ACTIVE:
      return "still waits for an answer: read it first";
    default:
      return "is closed";
  }
}

}  // namespace

PostgresConnection::PostgresConnection(std::shared_ptr<PostgresServer> server)
    : server_{std::move(server)} {
  connect();
  try {
    set_session_up();
  } catch (...) {
    PQfinish(handle_);
    throw;
  }
}

PostgresConnection::PostgresConnection(PGconn& borrowed, std::shared_ptr<PostgresServer> server)
    : server_{std::move(server)},
      handle_{&borrowed},
      ownership_{Ownership::borrowed},
      exceptions_{std::uncaught_exceptions()},
      keeps_session_{false} {
  const auto status = PQtransactionStatus(handle_);
  if (status != PQTRANS_INTRANS)
    throw Error{ErrorKind::invalid, "the lent PostgreSQL connection " + trouble_with(status)};
  if (PQpipelineStatus(handle_) != PQ_PIPELINE_OFF)
    throw Error{ErrorKind::invalid,
                "the lent PostgreSQL connection is in pipeline mode: leave it first"};
  openers_ = {"SAVEPOINT errand_lent"};
}

PostgresConnection::~PostgresConnection() {
  if (ownership_ == Ownership::own)
    PQfinish(handle_);
  else
    give_back();
}

void PostgresConnection::give_back() noexcept {
  if (!openers_.empty() || PQstatus(handle_) != CONNECTION_OK)
    return;
  const bool failed =
      PQtransactionStatus(handle_) == PQTRANS_INERROR || std::uncaught_exceptions() > exceptions_;
  const PostgresResult undone{failed ? PQexec(handle_, "ROLLBACK TO SAVEPOINT errand_lent")
                                     : nullptr};
  const PostgresResult released{PQexec(handle_, "RELEASE SAVEPOINT errand_lent")};
}

void PostgresConnection::connect() {
  std::string failure = try_to_connect();
  if (failure.empty())
    return;
  const auto keywords = server_->url().keywords();
  const auto values = server_->url().values();
  const auto answer = PQpingParams(keywords.data(), values.data(), 0);
  if (answer == PQPING_REJECT)
    throw TransientError{failure + "; wait until it has started"};
  if (answer == PQPING_OK)  // now: it may have been starting when it turned the first try away
    failure = try_to_connect();
  if (!failure.empty())
    throw Error{ErrorKind::unavailable, failure + "; the server must run and let this user in"};
}

std::string PostgresConnection::try_to_connect() {
  const auto keywords = server_->url().keywords();
  const auto values = server_->url().values();
  handle_ = PQconnectdbParams(keywords.data(), values.data(), 0);
  if (PQstatus(handle_) == CONNECTION_OK)
    return {};
  const auto failure = failure_of(handle_, nullptr);
  PQfinish(handle_);
  return "cannot connect to PostgreSQL at " + server_->url().where() + ": " + failure.message;
}

/// A pooler makes up the process number that it tells; then the session behind it is another one
/// tomorrow, and nothing is set in it.
bool PostgresConnection::has_session() {
  PostgresPipeline pipeline{*handle_, patience()};
  pipeline.query(
      "SELECT pg_backend_pid(),"
      " current_setting('default_transaction_isolation') = 'read committed'"
      " AND current_setting('default_transaction_read_only') = 'off'");
  const auto results = pipeline.run();
  check(results, pipeline, "connecting");
  const PostgresRow row{*results.front(), 0};
  begins_as_we_do_ = row.integer(1) != 0;
  return row.integer(0) == PQbackendPID(handle_);
}

void PostgresConnection::set_session_up() {
  PQsetNoticeProcessor(handle_, ignore_notice, nullptr);
  keeps_session_ = has_session();
  if (!keeps_session_)
    return;
  if (!server_->url().sets("statement_timeout"))
    run_simple("SET statement_timeout TO '10s'", "connecting");
  if (!server_->url().sets("idle_in_transaction_session_timeout"))
    run_simple("SET idle_in_transaction_session_timeout TO '60s'", "connecting");
  run_simple("SET enable_seqscan TO off; SET enable_bitmapscan TO off; SET jit TO off",
             "connecting");
}

}  // namespace errand::sql
