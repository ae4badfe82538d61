#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include "helpers/postgres_cluster.hpp"
#include "helpers/temporary_database.hpp"
#include "sql_files.hpp"
#include "store/open_store.hpp"
#include "store/statements.hpp"

namespace errand::sql {
namespace {

using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

struct Shape {
  int parameters{-1};
  int columns{-1};

  bool operator==(const Shape&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << shape.parameters << " parameters, " << shape.columns << " columns";
}

/// What the server sees; a failed test when it refuses the statement.
Shape shape_in_postgresql(PGconn* handle, Query query) {
  const Answer prepared{
      PQprepare(handle, "", Statements::of_postgresql().text(query).data(), 0, nullptr), &PQclear};
  EXPECT_EQ(PQresultStatus(prepared.get()), PGRES_COMMAND_OK)
      << name_of(query) << ": " << PQerrorMessage(handle);
  const Answer described{PQdescribePrepared(handle, ""), &PQclear};
  return {PQnparams(described.get()), PQnfields(described.get())};
}

Shape shape_in_sqlite(sqlite3* handle, Query query) {
  const std::string text{Statements::of_sqlite().text(query)};
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(handle, text.c_str(), -1, &statement, nullptr), SQLITE_OK);
  const Shape shape{sqlite3_bind_parameter_count(statement), sqlite3_column_count(statement)};
  sqlite3_finalize(statement);
  return shape;
}

/// Many-row statements take arrays instead of rows.
int expected_parameters(Query query, int in_sqlite) {
  switch (query) {
    case Query::insert_jobs:
      return 22;
    case Query::insert_simple_jobs:
      return 9;
    case Query::record_finished_many:
      return 10;
    case Query::record_held_many:
      return 12;
    default:
      return in_sqlite;
  }
}

/// Where RETURNING costs next to nothing, every insert tells its ids.
int expected_columns(Query query, int in_sqlite) {
  return query == Query::insert_jobs || query == Query::insert_simple_jobs ? 1 : in_sqlite;
}

TEST(PostgresStatements, EveryOneIsPreparedTakesAndGivesWhatSqlitesDoes) {
  const TemporaryPostgres postgres;
  const PostgresSession session{postgres.url()};
  const TemporaryDatabase file;
  const auto store = open_store({.database_url = file.url()});
  store->migrate();
  store->database().with_transaction([&](Transaction& tx) {
    for (std::size_t index = 0; index < query_names.size(); ++index) {
      const auto query = static_cast<Query>(index);
      if (is_of_one_dialect(query))
        continue;
      Shape expected = shape_in_sqlite(tx.native_handle(), query);
      expected.parameters = expected_parameters(query, expected.parameters);
      expected.columns = expected_columns(query, expected.columns);
      EXPECT_EQ(shape_in_postgresql(session.handle(), query), expected) << name_of(query);
    }
  });
}

TEST(PostgresStatements, ClaimsStartWhatTheyReturnSoThatNothingElseStartsIt) {
  EXPECT_TRUE(Statements::of_postgresql().text(Query::start_claimed).empty());
  EXPECT_FALSE(Statements::of_sqlite().text(Query::start_claimed).empty());
}

TEST(PostgresStatements, EveryFileIsAStatementThatIsUsed) {
  for (const EmbeddedFile& file : sql_files()) {
    constexpr std::string_view folder = "postgresql/queries/";
    if (!file.path.starts_with(folder))
      continue;
    const auto name = file.path.substr(folder.size(), file.path.size() - folder.size() - 4);
    EXPECT_NE(std::find(query_names.begin(), query_names.end(), name), query_names.end()) << name;
  }
}

}  // namespace
}  // namespace errand::sql
