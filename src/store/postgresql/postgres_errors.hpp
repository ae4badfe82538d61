#pragma once

#include <string>
#include <string_view>

struct pg_conn;
struct pg_result;

namespace errand::sql {

/// What the server said, or the client library for it.
struct PostgresFailure {
  std::string sqlstate{};  ///< empty: the connection was lost
  std::string message{};
  std::string detail{};
  std::string constraint{};
  bool fatal{false};  ///< the server ended the session
};

/// Of a failed result, or of the connection when there is none.
[[nodiscard]] PostgresFailure failure_of(const pg_conn* connection, const pg_result* result);

/// After such a failure the connection is closed rather than used again.
[[nodiscard]] bool breaks_connection(const PostgresFailure& failure) noexcept;

/// Throws the `Error` that a failure stands for: which statement failed on which database, why, and
/// what to do. `what` is a statement's name, or "the program's statement". Only the server's
/// primary message is repeated: details may hold data.
[[noreturn]] void throw_postgres_error(const PostgresFailure& failure,
                                       std::string_view what,
                                       const std::string& where);

}  // namespace errand::sql
