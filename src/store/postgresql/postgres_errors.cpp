#include "store/postgresql/postgres_errors.hpp"

#include <algorithm>
#include <errand/error.hpp>

#include <libpq-fe.h>

#include "store/database.hpp"

namespace errand::sql {
namespace {

std::string field_of(const PGresult* result, int field) {
  const char* text = result == nullptr ? nullptr : PQresultErrorField(result, field);
  return text == nullptr ? std::string{} : std::string{text};
}

/// One line, without the newline that libpq ends its messages with.
std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// `Key (a, unique_key)=(…) already exists.` → "unique_key": the words are translated, the form is
/// not.
std::string column_of(const PostgresFailure& failure) {
  const auto end = failure.detail.find(")=(");
  if (end == std::string::npos)
    return failure.constraint;
  const auto start = failure.detail.find_last_of("( ", end);
  return failure.detail.substr(start + 1, end - start - 1);
}

bool is_class(const PostgresFailure& failure, std::string_view start) {
  return failure.sqlstate.starts_with(start);
}

bool is_any(const PostgresFailure& failure, std::initializer_list<std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), failure.sqlstate) != codes.end();
}

bool is_missing_schema(const PostgresFailure& failure) {
  return is_any(failure, {"42P01", "42703", "42883", "3F000"});
}

/// A statement was prepared for a schema, or on a server, that is not there any more.
bool is_outdated(const PostgresFailure& failure) {
  return failure.sqlstate == "26000" || failure.sqlstate == "42P05" ||
         (failure.sqlstate == "0A000" && failure.message.find("cached plan") != std::string::npos);
}

struct Advice {
  ErrorKind kind{ErrorKind::unavailable};
  std::string_view text{};
};

Advice advice_for_session(const PostgresFailure& failure) {
  if (failure.sqlstate.empty())
    return {ErrorKind::unavailable, "the connection is lost; it is opened again at the next use"};
  if (failure.sqlstate == "25006")
    return {ErrorKind::unavailable, "the server only reads; DATABASE_URL must name the primary"};
  if (failure.sqlstate == "57014")
    return {ErrorKind::unavailable,
            "it took too long; look for what blocks or overloads the server"};
  if (is_class(failure, "53"))
    return {ErrorKind::unavailable, "free disk space, memory or connections on the server"};
  if (is_class(failure, "58") || is_class(failure, "XX"))
    return {ErrorKind::unavailable, "look into the server's log"};
  return {ErrorKind::unavailable, "the server ended the session; try again"};
}

Advice advice_for_statement(const PostgresFailure& failure, bool is_ours) {
  if (is_any(failure, {"42501"}))
    return {ErrorKind::unavailable, "grant this user the tables of errand"};
  if (is_missing_schema(failure))
    return {is_ours ? ErrorKind::unavailable : ErrorKind::invalid,
            is_ours ? "the schema is missing or too old; run `errand migrate`"
                    : "correct the statement"};
  return {is_ours ? ErrorKind::bug : ErrorKind::invalid,
          is_ours ? "report it with this message" : "correct the statement"};
}

Advice advice_for(const PostgresFailure& failure, bool is_ours) {
  if (is_class(failure, "22") || is_class(failure, "23"))
    return {ErrorKind::invalid, "the database refuses the value"};
  if (is_class(failure, "P0") || is_class(failure, "54"))  // a trigger's refusal; a limit
    return {ErrorKind::invalid, "the database refuses it"};
  const bool about_statement = is_class(failure, "42") || is_class(failure, "0A") ||
                               is_class(failure, "25") || is_class(failure, "2B") ||
                               is_class(failure, "3") || failure.sqlstate == "08P01";
  if (about_statement && failure.sqlstate != "25006" && !failure.fatal)
    return advice_for_statement(failure, is_ours);
  return advice_for_session(failure);
}

}  // namespace

PostgresFailure failure_of(const PGconn* connection, const PGresult* result) {
  PostgresFailure failure;
  failure.sqlstate = field_of(result, PG_DIAG_SQLSTATE);
  failure.message = one_line(field_of(result, PG_DIAG_MESSAGE_PRIMARY));
  failure.detail = field_of(result, PG_DIAG_MESSAGE_DETAIL);
  failure.constraint = field_of(result, PG_DIAG_CONSTRAINT_NAME);
  const std::string severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  failure.fatal = severity == "FATAL" || severity == "PANIC";
  if (failure.message.empty())
    failure.message = one_line(PQerrorMessage(connection));
  return failure;
}

bool breaks_connection(const PostgresFailure& failure) noexcept {
  return failure.sqlstate.empty() || failure.fatal || failure.sqlstate == "25006" ||
         failure.sqlstate.starts_with("57P") || is_outdated(failure);
}

void throw_postgres_error(const PostgresFailure& failure,
                          std::string_view what,
                          const std::string& where) {
  const std::string code =
      failure.sqlstate.empty() ? std::string{} : " (SQLSTATE " + failure.sqlstate + ")";
  const std::string start =
      std::string{what} + " failed on " + where + ": " + failure.message + code + "; ";
  if (failure.sqlstate == "23505")
    throw Error{ErrorKind::conflict, start + "such a row exists", column_of(failure)};
  if (is_any(failure, {"40001", "40P01", "55P03"}))
    throw TransientError{start + "other transactions hold the rows; end the long ones"};
  if (is_outdated(failure))
    throw TransientError{start + "it is prepared anew"};
  const Advice advice = advice_for(failure, what.find(' ') == std::string_view::npos);
  throw Error{advice.kind, start + std::string{advice.text}};
}

}  // namespace errand::sql
