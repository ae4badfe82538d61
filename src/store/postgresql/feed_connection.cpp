#include "store/postgresql/feed_connection.hpp"

#include <charconv>
#include <errand/error.hpp>

#include <libpq-fe.h>

#include "store/postgresql/postgres_errors.hpp"
#include "store/postgresql/postgres_pipeline.hpp"

namespace errand::sql {
namespace {

using Notification = std::unique_ptr<PGnotify, decltype(&PQfreemem)>;

void ignore_notice(void*, const char*) {}

std::string notify_statement(std::size_t payloads) {
  std::string sql = "SELECT ";
  for (std::size_t number = 1; number <= payloads; ++number)
    sql.append(number > 1 ? ", " : "")
        .append("pg_notify('errand', $")
        .append(std::to_string(number))
        .append(")");
  return sql;
}

}  // namespace

void FeedConnection::Close::operator()(PGconn* connection) const noexcept {
  PQfinish(connection);
}

FeedConnection::FeedConnection(const PostgresUrl& url)
    : where_{url.where()},
      handle_{PQconnectdbParams(url.keywords().data(), url.values().data(), 0)} {
  if (PQstatus(handle_.get()) != CONNECTION_OK)
    fail("cannot connect");
  PQsetNoticeProcessor(handle_.get(), ignore_notice, nullptr);
  ask_for_process();
  if (PQsetnonblocking(handle_.get(), 1) != 0)
    fail("cannot connect");
}

FeedConnection::~FeedConnection() = default;

void FeedConnection::fail(const std::string& what) const {
  throw Error{ErrorKind::unavailable,
              "the hints' connection to PostgreSQL at " + where_ + " " + what + ": " +
                  failure_of(handle_.get(), nullptr).message};
}

/// A pooler makes up the process number that it tells.
void FeedConnection::ask_for_process() {
  const PostgresResult answer{PQexec(handle_.get(), "SELECT pg_backend_pid()")};
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK)
    fail("cannot be asked anything");
  const std::string_view text{PQgetvalue(answer.get(), 0, 0)};
  int process = 0;
  std::from_chars(text.data(), text.data() + text.size(), process);
  keeps_session_ = process == PQbackendPID(handle_.get());
}

void FeedConnection::listen() {
  if (PQsendQuery(handle_.get(), "LISTEN errand") == 0)
    fail("cannot LISTEN");
  busy_ = true;
  flush();
}

void FeedConnection::send(const std::vector<std::string>& payloads) {
  std::vector<const char*> values;
  values.reserve(payloads.size());
  for (const std::string& payload : payloads)
    values.push_back(payload.c_str());
  if (PQsendQueryParams(handle_.get(),
                        notify_statement(payloads.size()).c_str(),
                        static_cast<int>(values.size()),
                        nullptr,
                        values.data(),
                        nullptr,
                        nullptr,
                        0) == 0) {
    fail("cannot NOTIFY");
  }
  busy_ = true;
  flush();
}

void FeedConnection::turn(const OnNotification& on_notification) {
  flush();
  if (PQconsumeInput(handle_.get()) == 0)
    fail("is lost");
  read_answers();
  while (Notification arrived{PQnotifies(handle_.get()), &PQfreemem})
    on_notification(arrived->extra);
}

void FeedConnection::flush() {
  const int rest = PQflush(handle_.get());
  if (rest < 0)
    fail("is lost");
  wants_to_write_ = rest > 0;
}

void FeedConnection::read_answers() {
  while (busy_ && PQisBusy(handle_.get()) == 0) {
    const PostgresResult answer{PQgetResult(handle_.get())};
    busy_ = answer != nullptr;
    if (busy_ && PQresultStatus(answer.get()) == PGRES_FATAL_ERROR)
      throw Error{ErrorKind::unavailable,
                  "PostgreSQL at " + where_ +
                      " refuses hints: " + failure_of(handle_.get(), answer.get()).message};
  }
}

int FeedConnection::descriptor() const noexcept {
  return PQsocket(handle_.get());
}

}  // namespace errand::sql
