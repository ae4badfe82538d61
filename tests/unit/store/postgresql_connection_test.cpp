#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/error_of.hpp"
#include "helpers/postgres_cluster.hpp"
#include "helpers/settable_clock.hpp"
#include "store/open_store.hpp"
#include "store/postgresql/postgres_connection.hpp"
#include "store/sql_store.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::error_of;
using errand::testing::PostgresSession;
using errand::testing::SettableClock;
using errand::testing::TemporaryPostgres;
using ::testing::HasSubstr;
using ::testing::StartsWith;

PreparedJob make_job(const std::string& unique_key = {}) {
  PreparedJob job;
  job.tag = "t";
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  job.unique_key = unique_key;
  return job;
}

class Postgres : public ::testing::Test {
 protected:
  Postgres() : store_{open_store({.database_url = database_.url()})} {}

  [[nodiscard]] Database& database() { return store_->database(); }

  std::string ask(const std::string& sql) { return PostgresSession{database_.url()}.run(sql); }

  /// Of this test's own database: others use the server too.
  std::string sessions_in_a_transaction() {
    return ask(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state LIKE 'idle in%'");
  }

  [[nodiscard]] std::unique_ptr<PostgresConnection> connect() {
    return std::make_unique<PostgresConnection>(
        std::make_shared<PostgresServer>(database_.url(), nullptr));
  }

  TemporaryPostgres database_{};
  std::unique_ptr<Store> store_;
};

TEST_F(Postgres, ValuesOfTheProgramsStatementsAreTyped) {
  database().with_transaction([](Transaction& tx) {
    const auto rows = tx.query(
        "SELECT $2 AS second, $1::int AS first, $3::float8, $4::int, true, 5::smallint, "
        "6000000000, 1.50, '{\"a\":1}'::json, timestamptz '2027-01-15 08:00+00' = $5",
        1,
        "zwei",
        2.5,
        std::optional<int>{},
        "2027-01-15T08:00:00Z");
    EXPECT_EQ(rows.columns()[0], "second");
    EXPECT_EQ(rows.get<std::string>(0, 0), "zwei");
    EXPECT_EQ(rows.get<int>(0, 1), 1);
    EXPECT_DOUBLE_EQ(rows.get<double>(0, 2), 2.5);
    EXPECT_FALSE(rows.get<std::optional<int>>(0, 3));
    EXPECT_EQ(rows.get<int>(0, 4), 1);
    EXPECT_EQ(rows.get<int>(0, 5), 5);
    EXPECT_EQ(rows.get<std::int64_t>(0, 6), 6'000'000'000);
    EXPECT_EQ(rows.get<std::string>(0, 7), "1.50");
    EXPECT_EQ(rows.get<std::string>(0, 8), "{\"a\":1}");
    EXPECT_EQ(rows.get<int>(0, 9), 1);
  });
}

TEST_F(Postgres, ABooleanParameterIsNotATextAndCountsAreOfChanges) {
  database().with_transaction([](Transaction& tx) {
    tx.execute("CREATE TABLE t (a bool, b int)");
    EXPECT_EQ(tx.execute("INSERT INTO t VALUES ($1, $2), ($3, $2)", true, 7, false), 2);
    EXPECT_EQ(tx.execute("UPDATE t SET b = b + $1 WHERE a", 1), 1);
    EXPECT_EQ(tx.execute("SELECT * FROM t"), 0);
    EXPECT_EQ(tx.query("DELETE FROM t RETURNING b").size(), 2U);
  });
}

TEST_F(Postgres, AStatementOfTheProgramsThatIsWrongIsInvalidAndTheConnectionGoesOn) {
  const auto connection = connect();
  std::int64_t changed = 0;
  for (const auto& [sql, values] : std::vector<std::pair<const char*, std::vector<SqlValue>>>{
           {"SELECT $1::int", {1, 2}},
           {"SELECT $2::int", {1}},
           {"SELECT 1; SELECT 2", {}},
           {"", {}},
           {"SELEC 1", {}},
           {"SELECT * FROM nowhere", {}},
           {"SELECT $1::int", {"x"}},
           {"SELECT 1 / 0", {}},
           {"SELECT $1", {std::string{"a\0b", 3}}},
           {"SELECT $1", {"\xff"}},
           {"DO $$ BEGIN RAISE EXCEPTION 'no'; END $$", {}}}) {
    const auto error =
        error_of([&, &text = sql, &given = values] { connection->run_text(text, given, changed); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid) << sql << ": " << error.what();
    EXPECT_TRUE(connection->usable()) << sql;
  }
  EXPECT_EQ(connection->run_text("SELECT 1", {}, changed).get<int>(0, 0), 1);
}

TEST_F(Postgres, ATransactionThatIsKeptOpenEndsWithTheLeaseIfItsWorkerStandsStill) {
  const auto connection = connect();
  const auto limit = [&] {
    std::int64_t changed = 0;
    return connection->run_text("SHOW idle_in_transaction_session_timeout", {}, changed)
        .get<std::string>(0, 0);
  };
  const std::string usual = limit();
  connection->begin();
  connection->keep_open();
  EXPECT_EQ(limit(), "30s");
  connection->commit();
  EXPECT_EQ(limit(), usual);
}

TEST_F(Postgres, ACopyIsRefusedAndItsConnectionDropped) {
  const auto connection = connect();
  std::int64_t changed = 0;
  const auto error =
      error_of([&] { connection->run_text("COPY worker_jobs FROM stdin", {}, changed); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid) << error.what();
  EXPECT_FALSE(connection->usable());
}

TEST_F(Postgres, AStatementThatEndsTheTransactionIsRefused) {
  for (const char* sql : {"COMMIT", "ROLLBACK"}) {
    const auto error =
        error_of([&] { database().with_transaction([&](Transaction& tx) { tx.execute(sql); }); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.what(), HasSubstr("with_transaction"));
  }
  EXPECT_EQ(sessions_in_a_transaction(), "0");
}

TEST_F(Postgres, ATransactionIsRolledBackByAnExceptionAndNestedOnesAreOne) {
  EXPECT_THROW(database().with_transaction([&](Transaction& outer) {
    outer.execute("CREATE TABLE t (a int)");
    database().with_transaction([&](Transaction& inner) {
      EXPECT_EQ(static_cast<PGconn*>(inner.native_handle()),
                static_cast<PGconn*>(outer.native_handle()));
      inner.execute("INSERT INTO t VALUES (1)");
    });
    throw std::runtime_error{"no"};
  }),
               std::runtime_error);
  EXPECT_EQ(ask("SELECT to_regclass('t') IS NULL"), "t");
}

TEST_F(Postgres, AValueThatCannotBeSentRollsBackWhatWasDoneBefore) {
  const auto error = error_of([&] {
    database().with_transaction([](Transaction& tx) {
      tx.execute("CREATE TABLE t (a text)");
      tx.execute("INSERT INTO t VALUES ($1)", std::string{"\0", 1});
    });
  });
  EXPECT_THAT(error.what(), HasSubstr("NUL"));
  EXPECT_EQ(ask("SELECT to_regclass('t') IS NULL"), "t");
  EXPECT_EQ(sessions_in_a_transaction(), "0");
}

TEST_F(Postgres, TheNativeHandleIsInsideTheTransactionAndInNormalMode) {
  const auto work = [&](bool fails) {
    database().with_transaction([&](Transaction& tx) {
      PGconn* handle = tx.native_handle();
      EXPECT_EQ(PQtransactionStatus(handle), PQTRANS_INTRANS);
      EXPECT_EQ(PQpipelineStatus(handle), PQ_PIPELINE_OFF);
      EXPECT_EQ(PQisnonblocking(handle), 0);
      PQclear(PQexec(handle, "CREATE TABLE t (a int)"));
      if (fails)
        throw std::runtime_error{"no"};
    });
  };
  EXPECT_THROW(work(true), std::runtime_error);
  EXPECT_EQ(ask("SELECT to_regclass('t') IS NULL"), "t");
  work(false);
  EXPECT_EQ(ask("SELECT to_regclass('t') IS NULL"), "f");
}

TEST_F(Postgres, TransactionsAreReadCommittedWhateverTheServersDefaultIs) {
  ask("ALTER DATABASE " + ask("SELECT current_database()") +
      " SET default_transaction_isolation = 'serializable'");
  const auto isolation = database().with_transaction([](Transaction& tx) {
    return tx.query("SHOW transaction_isolation").get<std::string>(0, 0);
  });
  EXPECT_EQ(isolation, "read committed");
}

TEST_F(Postgres, ATransactionWithoutAStatementIsNeverBegun) {
  const auto connection = connect();
  connection->begin();
  EXPECT_EQ(PQtransactionStatus(connect()->native_handle()), PQTRANS_IDLE);
  connection->commit();
  connection->begin();
  connection->rollback();
  EXPECT_EQ(PQtransactionStatus(connection->native_handle()), PQTRANS_IDLE);
}

TEST_F(Postgres, SessionsHaveLimitsUnlessTheUriSetsThem) {
  const auto limit = [&](const std::string& more) {
    return open_store({.database_url = database_.url() + more})
        ->database()
        .with_transaction([](Transaction& tx) {
          return tx.query("SHOW statement_timeout").get<std::string>(0, 0) + " " +
                 tx.query("SHOW idle_in_transaction_session_timeout").get<std::string>(0, 0) + " " +
                 tx.query("SHOW application_name").get<std::string>(0, 0);
        });
  };
  EXPECT_EQ(limit(""), "10s 1min errand");
  EXPECT_EQ(limit("?application_name=mine&options=-c%20statement_timeout%3D3s"), "3s 1min mine");
}

TEST_F(Postgres, OnlyCommitsThatMayBeLostAreRelaxed) {
  ask("CREATE TABLE seen (what text, setting text)");
  ask("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES "
      "(TG_TABLE_NAME, current_setting('synchronous_commit')); RETURN NULL; END $$");
  for (const char* table : {"worker_jobs", "worker_processes"})
    ask(std::string{"CREATE TRIGGER note AFTER INSERT OR UPDATE ON "} + table +
        " FOR EACH STATEMENT EXECUTE FUNCTION note()");
  const auto seen = [&] {
    return ask(
        "WITH s AS (DELETE FROM seen RETURNING *) "
        "SELECT string_agg(DISTINCT what || ' ' || setting, ',') FROM s");
  };
  const auto job = make_job();
  const auto process = store_->jobs().begin_process({.node = "n"});
  EXPECT_EQ(seen(), "worker_processes on");
  store_->jobs().submit({&job, 1});
  EXPECT_EQ(seen(), "worker_jobs on");
  store_->jobs().beat(process, 0);
  EXPECT_EQ(seen(), "worker_processes off");
  const std::vector<std::string> types{"work"};
  store_->jobs().exchange({}, {.process = process, .limit = 1, .types = types});
  EXPECT_EQ(seen(), "worker_jobs off");
  // In a transaction of the program's, what the program writes counts.
  database().with_transaction([&](Transaction& tx) {
    store_->jobs().beat(process, 0);
    tx.execute("INSERT INTO seen VALUES ('own', current_setting('synchronous_commit'))");
  });
  EXPECT_THAT(seen(), HasSubstr("own on"));
}

void bind_conflicting(std::size_t item, Parameters& parameters) {
  parameters.set_all("t", "work", "{}", TimePoint{}, "default", 0, TimePoint{}, 0, 1);
  if (item == 1)
    parameters.set(13, "taken");
  parameters.set(19, false);
}

TEST_F(Postgres, AfterAMiddleItemFailsTheRestIsSkippedAndTheConnectionGoesOn) {
  const auto job = make_job("taken");
  store_->jobs().submit({&job, 1});
  const auto connection = connect();
  for (int turn = 0; turn < 3; ++turn) {  // prepared by the first, though it failed
    std::vector<std::size_t> answered;
    connection->begin();
    const auto error = error_of([&] {
      connection->run(
          Query::insert_job,
          {.times = 40, .bind = bind_conflicting, .on_row = [&](std::size_t item, const Row&) {
             answered.push_back(item);
           }});
    });
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_EQ(error.field(), "unique_key");
    EXPECT_THAT(answered, ::testing::IsEmpty());
    connection->rollback();
    EXPECT_TRUE(connection->usable());
  }
  EXPECT_EQ(ask("SELECT count(*) FROM worker_jobs"), "1");
  EXPECT_EQ(connection->select_integer(Query::ping), 1);
}

TEST_F(Postgres, HugeValuesAndManyItemsTravelInOnePipeline) {
  const std::string huge = "\"" + std::string(6'000'000, 'x') + "\"";
  auto big = make_job();
  big.data = huge;
  const auto id = store_->jobs().submit({&big, 1}).at(0).id;
  EXPECT_EQ(store_->reader().find(id)->data.get<std::string>().size(), huge.size() - 2);
  // More than the sockets hold in either direction, before any of it is read.
  const auto connection = connect();
  connection->begin();
  const std::string piece = "\"" + std::string(4000, 'x') + "\"";
  std::size_t received = 0;
  connection->run(Query::find_job,
                  {.times = 8,
                   .bind = [&](std::size_t, Parameters& parameters) { parameters.set(1, id); },
                   .on_row =
                       [&](std::size_t, const Row&) {
                         ++received;
                       }});
  connection->run(Query::insert_job,
                  {.times = 3000, .bind = [&](std::size_t item, Parameters& parameters) {
                     bind_conflicting(item + 2, parameters);
                     parameters.set(3, piece);
                   }});
  connection->rollback();
  EXPECT_EQ(received, 8U);
}

TEST_F(Postgres, ManyRowsOfAnyNumberGetTheirIdsInOrder) {
  for (const std::size_t size : {2U, 999U, 1000U, 1001U, 2500U}) {
    std::vector<PreparedJob> jobs(size, make_job());
    for (std::size_t index = 0; index < size; ++index)
      jobs[index].data = std::to_string(index);
    const auto submitted = store_->jobs().submit(jobs);
    ASSERT_EQ(submitted.size(), size);
    for (const std::size_t index : {std::size_t{0}, size / 2, size - 1})
      EXPECT_EQ(store_->reader().find(submitted[index].id)->data, Json(index));
  }
}

TEST_F(Postgres, TextThatThisDatabaseCannotHoldIsInvalid) {
  auto job = make_job();
  job.tag = std::string{"a\0b", 3};
  EXPECT_EQ(error_of([&] { store_->jobs().submit({&job, 1}); }).kind(), ErrorKind::invalid);
  job.tag = "\xff\xfe";
  EXPECT_EQ(error_of([&] { store_->jobs().submit({&job, 1}); }).kind(), ErrorKind::invalid);
  job.tag = "a";
  job.data = "{broken";
  EXPECT_EQ(error_of([&] { store_->jobs().submit({&job, 1}); }).kind(), ErrorKind::invalid);
}

TEST_F(Postgres, PreparedStatementsThatAreGoneOrOutdatedArePreparedAnew) {
  const auto job = make_job();
  const auto id = store_->jobs().submit({&job, 1}).at(0).id;
  EXPECT_TRUE(store_->reader().find(id));
  ask("ALTER TABLE worker_jobs ALTER COLUMN max_attempts TYPE bigint");
  EXPECT_EQ(store_->reader().find(id)->max_attempts, 1);
  database().with_transaction([](Transaction& tx) { tx.execute("DEALLOCATE ALL"); });
  EXPECT_TRUE(store_->reader().find(id));
  database().with_transaction([](Transaction& tx) { tx.execute("DEALLOCATE ALL"); });
  EXPECT_TRUE(store_->jobs().submit({&job, 1}).at(0).created);
}

TEST_F(Postgres, TimeIsTheServersAndNeverAheadOfIt) {
  PostgresSession session{database_.url()};
  for (int turn = 0; turn < 200; ++turn) {
    const auto told = store_->jobs().now();
    const auto server =
        std::stoll(session.run("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"));
    ASSERT_LE(told.time_since_epoch().count(), server);
    ASSERT_GE(told.time_since_epoch().count(), server - 1'000'000);
  }
}

TEST_F(Postgres, ATestsClockRules) {
  const auto clock = std::make_shared<SettableClock>();
  const auto store = open_store({.database_url = database_.url(), .clock = clock});
  const auto job = make_job();
  const auto id = store->jobs().submit({&job, 1}).at(0).id;
  EXPECT_EQ(store->reader().find(id)->created_at, clock->wall_now());
  clock->advance(1us);
  EXPECT_EQ(store->jobs().now(), clock->wall_now());
}

TEST_F(Postgres, WithoutASchemaTheErrorSaysWhatToDo) {
  const TemporaryPostgres empty{TemporaryPostgres::Content::empty};
  const auto error = error_of(
      [&] { static_cast<void>(open_store({.database_url = empty.url()})->reader().list({})); });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("errand migrate"));
}

TEST_F(Postgres, ATakenKeyOfAnyTableIsAConflictOverItsLastColumn) {
  const auto error = error_of([&] {
    database().with_transaction([](Transaction& tx) {
      tx.execute("CREATE TABLE t (a int, b int, UNIQUE (a, b))");
      tx.execute("INSERT INTO t VALUES (1, 2), (1, 2)");
    });
  });
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  EXPECT_EQ(error.field(), "b");
}

}  // namespace
}  // namespace errand::sql
