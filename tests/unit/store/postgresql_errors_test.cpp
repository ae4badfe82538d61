#include <gmock/gmock.h>

#include "store/database.hpp"
#include "store/postgresql/postgres_errors.hpp"

namespace errand::sql {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* sqlstate;
  ErrorKind ours;      ///< for a statement of errand's
  ErrorKind programs;  ///< for one of the program's
  bool breaks;
};

constexpr ErrorKind invalid = ErrorKind::invalid;
constexpr ErrorKind unavailable = ErrorKind::unavailable;
constexpr ErrorKind conflict = ErrorKind::conflict;
constexpr ErrorKind bug = ErrorKind::bug;

const std::vector<Case> cases{
    {"", unavailable, unavailable, true},        // the socket is gone
    {"08006", unavailable, unavailable, false},  // connection_failure
    {"08P01", bug, invalid, false},              // protocol_violation: a number of parameters
    {"0A000", bug, invalid, false},              // feature_not_supported
    {"22003", invalid, invalid, false},          // numeric_value_out_of_range
    {"22021", invalid, invalid, false},          // character_not_in_repertoire
    {"22P02", invalid, invalid, false},          // invalid_text_representation
    {"23502", invalid, invalid, false},          // not_null_violation
    {"23503", invalid, invalid, false},          // foreign_key_violation
    {"23505", conflict, conflict, false},        // unique_violation
    {"23514", invalid, invalid, false},          // check_violation
    {"25006", unavailable, unavailable, true},   // read_only_sql_transaction
    {"25P02", bug, invalid, false},              // in_failed_sql_transaction
    {"26000", unavailable, unavailable, true},   // invalid_sql_statement_name
    {"28P01", unavailable, unavailable, false},  // invalid_password
    {"3F000", unavailable, invalid, false},      // invalid_schema_name
    {"40001", unavailable, unavailable, false},  // serialization_failure
    {"40P01", unavailable, unavailable, false},  // deadlock_detected
    {"42501", unavailable, unavailable, false},  // insufficient_privilege
    {"42601", bug, invalid, false},              // syntax_error
    {"42703", unavailable, invalid, false},      // undefined_column
    {"42P01", unavailable, invalid, false},      // undefined_table
    {"42P05", unavailable, unavailable, true},   // duplicate_prepared_statement
    {"53100", unavailable, unavailable, false},  // disk_full
    {"53300", unavailable, unavailable, false},  // too_many_connections
    {"54000", invalid, invalid, false},          // program_limit_exceeded
    {"55P03", unavailable, unavailable, false},  // lock_not_available
    {"57014", unavailable, unavailable, false},  // query_canceled
    {"57P01", unavailable, unavailable, true},   // admin_shutdown
    {"57P02", unavailable, unavailable, true},   // crash_shutdown
    {"57P03", unavailable, unavailable, true},   // cannot_connect_now
    {"57P05", unavailable, unavailable, true},   // idle_session_timeout
    {"58030", unavailable, unavailable, false},  // io_error
    {"P0001", invalid, invalid, false},          // raise_exception
    {"XX000", unavailable, unavailable, false},  // internal_error
};

Error error_for(const PostgresFailure& failure, std::string_view what) {
  try {
    throw_postgres_error(failure, what, "db:5432/orders");
  } catch (const Error& error) {
    return error;
  }
}

TEST(PostgresErrors, SqlstatesBecomeKindsAndSentences) {
  for (const Case& expected : cases) {
    const PostgresFailure failure{.sqlstate = expected.sqlstate, .message = "it said no"};
    const auto ours = error_for(failure, "insert_job");
    EXPECT_EQ(ours.kind(), expected.ours) << expected.sqlstate;
    EXPECT_EQ(error_for(failure, "the program's statement").kind(), expected.programs)
        << expected.sqlstate;
    EXPECT_EQ(breaks_connection(failure), expected.breaks) << expected.sqlstate;
    EXPECT_THAT(ours.what(), HasSubstr("insert_job failed on db:5432/orders: it said no"));
    EXPECT_THAT(ours.what(), HasSubstr(expected.sqlstate));
    EXPECT_THAT(ours.what(), HasSubstr("; "));
  }
}

TEST(PostgresErrors, WhatASecondTryCuresIsTransient) {
  for (const char* sqlstate : {"40001", "40P01", "55P03", "26000", "42P05"})
    EXPECT_THROW(throw_postgres_error({.sqlstate = sqlstate}, "insert_job", "db"), TransientError)
        << sqlstate;
  const PostgresFailure outdated{.sqlstate = "0A000",
                                 .message = "cached plan must not change result type"};
  EXPECT_THROW(throw_postgres_error(outdated, "insert_job", "db"), TransientError);
  EXPECT_TRUE(breaks_connection(outdated));
}

TEST(PostgresErrors, AFatalErrorEndsTheConnectionWhateverItsCode) {
  const PostgresFailure idle{.sqlstate = "25P03", .message = "idle in transaction", .fatal = true};
  EXPECT_TRUE(breaks_connection(idle));
  EXPECT_EQ(error_for(idle, "insert_job").kind(), unavailable);
}

TEST(PostgresErrors, AConflictNamesItsLastColumnAndNotItsValue) {
  PostgresFailure failure{.sqlstate = "23505", .constraint = "worker_jobs_unique_key"};
  EXPECT_EQ(error_for(failure, "x").field(), "worker_jobs_unique_key");
  failure.detail = "Key (unique_key)=(hunter2) already exists.";
  EXPECT_EQ(error_for(failure, "x").field(), "unique_key");
  EXPECT_THAT(error_for(failure, "x").what(), ::testing::Not(HasSubstr("hunter2")));
  failure.detail = "Schlüssel »(a, b)=(1, 2)« existiert bereits.";
  EXPECT_EQ(error_for(failure, "x").field(), "b");
}

}  // namespace
}  // namespace errand::sql
