// Statements that travel together, and what becomes of them when the connection is gone.

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/error_of.hpp"
#include "helpers/postgres_cluster.hpp"
#include "store/postgresql/postgres_connection.hpp"
#include "store/postgresql/postgres_pipeline.hpp"
#include "store/sql_store.hpp"

namespace errand::sql {
namespace {

using errand::testing::error_of;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PostgresTogether : public ::testing::Test {
 protected:
  std::string ask(const std::string& sql) { return PostgresSession{database_.url()}.run(sql); }

  [[nodiscard]] std::shared_ptr<PostgresServer> server() {
    return std::make_shared<PostgresServer>(database_.url(), nullptr);
  }

  [[nodiscard]] std::unique_ptr<PostgresConnection> connect() {
    return std::make_unique<PostgresConnection>(server());
  }

  TemporaryPostgres database_{};
};

TEST_F(PostgresTogether, WhatIsAskedTogetherIsAnsweredInItsOrder) {
  const auto connection = connect();
  std::string answers;
  const auto note = [&](const char* who) {
    return Batch{.on_row = [&answers, who](std::size_t, const Row&) {
      answers += who;
    }};
  };
  const Batch first = note("first, ");
  const Batch next = note("next, ");
  const std::array<Question, 2> both{{{Query::ping, first}, {Query::applied_migrations, next}}};
  for (int each = 0; each < 2; ++each) {  // to be prepared, and prepared
    answers.clear();
    connection->begin();
    connection->run_together(both);
    connection->commit();
    EXPECT_THAT(answers, StartsWith("first, next, next, "));
  }
}

TEST_F(PostgresTogether, WhatCannotBeSentHasNoAnswer) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> nowhere{PQconnectdb("host=/nowhere"),
                                                             &PQfinish};
  PostgresPipeline pipeline{*nowhere, std::nullopt};
  pipeline.query("BEGIN");
  pipeline.query("SELECT 1");
  pipeline.query("COMMIT");
  const auto answers = pipeline.run();
  EXPECT_EQ(answers.size(), 3U);
  EXPECT_EQ(std::count(answers.begin(), answers.end(), nullptr), std::ssize(answers));
}

TEST_F(PostgresTogether, NothingIsSentAfterWhatCannotBe) {
  const auto connection = connect();
  PGconn* handle = connection->native_handle();
  EncodedValues too_many;
  for (int each = 0; each <= 65'535; ++each)
    too_many.add_null();
  {
    PostgresPipeline pipeline{*handle, std::nullopt};
    pipeline.query("SELECT $1", {}, too_many, ResultForm::binary);
    pipeline.query("SET application_name TO 'it was sent'");
    EXPECT_THAT(pipeline.run(), ::testing::SizeIs(2));
  }
  EXPECT_STREQ(PQparameterStatus(handle, "application_name"), "errand");
}

TEST_F(PostgresTogether, ATransactionWhoseConnectionIsKnownToBeGoneSaysSo) {
  const auto server = this->server();
  const Batch none;
  const std::array<Question, 3> all{{{Query::live_processes, none},
                                     {Query::waiting_heads, none},
                                     {Query::applied_migrations, none}}};
  PostgresConnection{server}.run_together(all);  // the server's types are known from here on
  PostgresConnection connection{server};
  connection.begin();
  for (int each = 0; each < 2; ++each)  // where the first is slow, the second has the plans doubted
    connection.run(Query::ping, none);
  PGconn* handle = connection.native_handle();
  ask("SELECT pg_terminate_backend(" + std::to_string(PQbackendPID(handle)) + ", 10000)");
  while (PQconsumeInput(handle) == 1)
    continue;
  EXPECT_EQ(error_of([&] { connection.run_together(all); }).kind(), ErrorKind::unavailable);
  connection.rollback();
}

TEST_F(PostgresTogether, WhatFailsAmongWhatIsAskedTogetherIsNamed) {
  const auto connection = connect();
  ask("ALTER TABLE worker_processes RENAME TO gone");
  connection->begin();
  const Batch one{.bind = [](std::size_t, Parameters& parameters) {
    parameters.set_all(ProcessId{1});
  }};
  const Batch ping;
  const std::array<Question, 2> both{{{Query::process_is_alive, one}, {Query::ping, ping}}};
  const Error error = error_of([&] { connection->run_together(both); });
  EXPECT_THAT(error.what(), HasSubstr("process_is_alive"));
  connection->rollback();
  connection->run(Query::ping, {});
}

}  // namespace
}  // namespace errand::sql
