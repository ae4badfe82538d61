// Sessions that die, servers that restart, answers that never come.

#include <signal.h>

#include <atomic>
#include <barrier>
#include <thread>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/error_of.hpp"
#include "helpers/failing_connection.hpp"
#include "helpers/postgres_cluster.hpp"
#include "helpers/settable_clock.hpp"
#include "store/postgresql/postgres_connection.hpp"
#include "store/sql_store.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::error_of;
using errand::testing::failing;
using errand::testing::FailurePlan;
using errand::testing::PostgresCluster;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::HasSubstr;

PreparedJob make_job(const std::string& idempotency_key = {}) {
  PreparedJob job;
  job.tag = "t";
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  job.idempotency_key = idempotency_key;
  return job;
}

const std::vector<std::string> types{"work"};

class PostgresFaults : public ::testing::Test {
 protected:
  /// Ends the session and waits until it is gone.
  void end_session(int pid) {
    EXPECT_EQ(admin_.run("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 10000)"), "t");
  }

  void end_session(Connection& connection) {
    PGconn* handle = connection.native_handle();
    end_session(PQbackendPID(handle));
  }

  void end_all_sessions() {
    admin_.run(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  /// Every commit of a row takes a minute.
  void slow_down_commits_of(const std::string& table) {
    admin_.run(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); "
        "RETURN NULL; END $$");
    admin_.run("CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON " + table +
               " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
  }

  /// By COMMIT, or by a statement that is a transaction by itself.
  void end_the_session_that_commits() {
    const std::string commits =
        "(query = 'COMMIT' OR query LIKE '%INSERT INTO worker_jobs%') AND wait_event = 'PgSleep' "
        "AND "
        "datname = current_database()";
    wait_until("count(*) = 1 FROM pg_stat_activity WHERE " + commits);
    admin_.run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE " + commits);
  }

  void wait_until(const std::string& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (admin_.run("SELECT " + condition) != "t")
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << condition;
  }

  TemporaryPostgres database_{};
  PostgresSession admin_{database_.url()};
  std::unique_ptr<Store> store_{open_store({.database_url = database_.url()})};
};

TEST_F(PostgresFaults, IdleConnectionsThatTheServerClosedAreNotNoticed) {
  const auto job = make_job();
  for (int turn = 0; turn < 5; ++turn) {
    const auto id = store_->jobs().submit({&job, 1}).at(0).id;
    end_all_sessions();
    EXPECT_TRUE(store_->reader().find(id));
    end_all_sessions();
  }
  EXPECT_EQ(admin_.run("SELECT count(*) FROM worker_jobs"), "5");
}

TEST_F(PostgresFaults, LostConnectionsDoNotLieBelowTheOneThatIsUsed) {
  FailurePlan plan;
  auto dialect = postgres_dialect({.database_url = database_.url()});
  dialect.connect = failing(std::move(dialect.connect), plan);
  SqlStore store{std::move(dialect), RetentionDefaults{}};
  {
    std::barrier together{4};
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&] {
        store.database().with_transaction([&](Transaction&) { together.arrive_and_wait(); });
      });
  }
  ASSERT_EQ(plan.open, 4);
  const auto used = store.database().with_transaction(
      [](Transaction& tx) { return tx.query("SELECT pg_backend_pid()").get<std::int64_t>(0, 0); });
  admin_.run(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
      "current_database() AND pid NOT IN (pg_backend_pid(), " +
      std::to_string(used) + ")");
  constexpr int looks = 3;
  constexpr int uses_for_each_look = 16;
  for (int call = 0; call < looks * uses_for_each_look; ++call)
    store.reader().ping();
  EXPECT_EQ(plan.open, 1);
}

/// Every call of the scenario meets a session that has just been ended, once; a second try, as
/// callers make it, brings it to its end exactly once.
TEST_F(PostgresFaults, ASessionThatEndsBeforeAnyCallLosesAndDoublesNothing) {
  const auto worker = store_->jobs().begin_process({.node = "n", .types = types});
  FailurePlan plan;
  plan.harm = [this](Connection& connection) {
    end_session(connection);
  };
  int nth = 1;
  for (;; ++nth) {
    ASSERT_LT(nth, 60);
    auto dialect = postgres_dialect({.database_url = database_.url()});
    dialect.connect = failing(dialect.connect, plan);
    SqlStore store{std::move(dialect), {}, std::make_shared<testing::SettableClock>()};
    admin_.run("DELETE FROM worker_jobs");
    const std::vector<PreparedJob> pair{make_job("a"), make_job("b")};
    plan.hit = false;
    plan.countdown = nth;
    const auto twice = [](const auto& call) {
      try {
        return call();
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
        return call();
      }
    };
    twice([&] { return store.jobs().submit(pair); });
    const auto claimed =
        twice([&] {
          return store.jobs().exchange({}, {.process = worker, .limit = 1, .types = types});
        }).claimed;
    const auto held = store_->jobs().beat(worker, 0).claims;
    ASSERT_EQ(held.size(), 1U) << nth;
    ASSERT_EQ(claimed.size(), 1U) << nth;
    const std::vector<Completion> done{{.id = held[0].id, .claim_seq = held[0].claim_seq}};
    EXPECT_TRUE(twice([&] { return store.jobs().exchange(done, {}); }).recorded.at(0));
    EXPECT_EQ(admin_.run("SELECT count(*) || ' ' || count(finished) FROM worker_jobs"), "2 1");
    if (!plan.hit)
      break;
  }
  EXPECT_GT(nth, 10);
}

TEST_F(PostgresFaults, ATransactionWhoseSessionEndedBeforeTheCommitRunsOnceMore) {
  int runs = 0;
  admin_.run("CREATE TABLE t (run int)");
  store_->reader().ping();  // an idle connection is what may have died unseen
  store_->database().with_transaction([&](Transaction& tx) {
    tx.execute("INSERT INTO t VALUES ($1)", ++runs);
    if (runs == 1)
      end_session(PQbackendPID(tx.native_handle()));
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(admin_.run("SELECT string_agg(run::text, ',') FROM t"), "2");
}

TEST_F(PostgresFaults, ASessionThatEndsDuringTheCommitIsSaidToBeUnknownAndNotRunAgain) {
  admin_.run("CREATE TABLE t (a int)");
  slow_down_commits_of("t");
  store_->reader().ping();
  int runs = 0;
  std::jthread committer{[&] {
    const auto error = error_of([&] {
      store_->database().with_transaction([&](Transaction& tx) {
        ++runs;
        tx.execute("INSERT INTO t VALUES (1)");
      });
    });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("is unknown"));
  }};
  end_the_session_that_commits();
  committer.join();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(store_->reader().list({}).jobs.empty()) << "the store goes on";
}

TEST_F(PostgresFaults, ASubmissionIsCommittedInTheSameTripAndNotTriedAgainWhenThatIsCutOff) {
  slow_down_commits_of("worker_jobs");
  store_->reader().ping();
  const PreparedJob job = make_job();
  std::jthread submitter{[&] {
    const auto error = error_of([&] { store_->jobs().submit({&job, 1}); });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("is unknown"));
  }};
  end_the_session_that_commits();
  submitter.join();
  EXPECT_EQ(admin_.run("SELECT nextval('worker_jobs_id_seq')"), "2") << "it was inserted once";
}

TEST_F(PostgresFaults, ASubmissionIsReadCommittedWhateverTheDatabaseBegins) {
  admin_.run("CREATE TABLE seen (level text)");
  admin_.run(
      "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "INSERT INTO seen VALUES (current_setting('transaction_isolation')); RETURN NULL; END $$");
  admin_.run("CREATE TRIGGER see AFTER INSERT ON worker_jobs EXECUTE FUNCTION see()");
  for (const std::string level : {"serializable", "read committed"}) {
    admin_.run(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', "
        "current_database(), '" +
        level + "'); END $$");
    const auto store = open_store({.database_url = database_.url()});
    const PreparedJob job = make_job();
    for (int each = 0; each < 2; ++each)
      EXPECT_TRUE(store->jobs().submit({&job, 1}).at(0).created) << level;
  }
  EXPECT_EQ(admin_.run("SELECT count(*) FROM seen WHERE level = 'read committed'"), "4");
  EXPECT_EQ(admin_.run("SELECT count(*) FROM worker_jobs"), "4");
}

TEST_F(PostgresFaults, AStatementThatTakesTooLongIsUnavailableAndItsConnectionGoesOn) {
  const auto store =
      open_store({.database_url = database_.url() + "?options=-c%20statement_timeout%3D100ms"});
  int session = 0;
  const auto error = error_of([&] {
    store->database().with_transaction([&](Transaction& tx) {
      session = PQbackendPID(tx.native_handle());
      tx.execute("SELECT pg_sleep(60)");
    });
  });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("57014"));
  store->database().with_transaction(
      [&](Transaction& tx) { EXPECT_EQ(PQbackendPID(tx.native_handle()), session); });
}

TEST_F(PostgresFaults, AServerThatDoesNotAnswerIsNotWaitedForLongerThanSaid) {
  PostgresConnection connection{std::make_shared<PostgresServer>(database_.url(), nullptr, 200ms)};
  const int session = PQbackendPID(connection.native_handle());
  ::kill(session, SIGSTOP);
  const auto error = error_of([&] { connection.execute(Query::ping); });
  ::kill(session, SIGCONT);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("no answer came in time"));
  EXPECT_FALSE(connection.usable());
}

TEST_F(PostgresFaults, DeadlocksAreTriedAgainUntilBothAreDone) {
  admin_.run("CREATE TABLE t (id int PRIMARY KEY, n int)");
  admin_.run("INSERT INTO t VALUES (1, 0), (2, 0)");
  std::atomic<int> inside{0};
  std::atomic<int> runs{0};
  const auto work = [&](int first, int second) {
    store_->database().with_transaction([&](Transaction& tx) {
      ++runs;
      tx.execute("UPDATE t SET n = n + 1 WHERE id = $1", first);
      ++inside;
      while (inside < 2)
        std::this_thread::yield();
      tx.execute("UPDATE t SET n = n + 1 WHERE id = $1", second);
    });
  };
  std::jthread one{work, 1, 2};
  std::jthread two{work, 2, 1};
  one.join();
  two.join();
  EXPECT_GE(runs, 3);
  EXPECT_EQ(admin_.run("SELECT string_agg(n::text, ',') FROM t"), "2,2");
}

TEST_F(PostgresFaults, AReadOnlySessionIsUnavailableAndDropped) {
  int session = 0;
  const auto error = error_of([&] {
    store_->database().with_transaction([&](Transaction& tx) {
      session = PQbackendPID(tx.native_handle());
      tx.execute("SET TRANSACTION READ ONLY");
      tx.execute("CREATE TABLE t (a int)");
    });
  });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("primary"));
  store_->database().with_transaction(
      [&](Transaction& tx) { EXPECT_NE(PQbackendPID(tx.native_handle()), session); });
}

TEST(PostgresServers, ARestartIsSurvivedAndMeanwhileTheStoreSaysWhatIsWrong) {
  PostgresCluster cluster;
  const auto store = open_store({.database_url = cluster.url()});
  store->migrate();
  const auto job = make_job();
  store->jobs().submit({&job, 1});
  for (const int signal : {SIGINT, SIGQUIT}) {
    cluster.stop(signal);
    const auto error = error_of([&] { store->jobs().submit({&job, 1}); });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("cannot connect to PostgreSQL at 127.0.0.1:"));
    cluster.start();
    EXPECT_TRUE(store->jobs().submit({&job, 1}).at(0).created);
  }
  EXPECT_EQ(store->reader().list({}).jobs.size(), 3U);
}

TEST(PostgresServers, OneThatOnlyReadsIsRefusedUnlessTheUriAllowsIt) {
  const PostgresCluster cluster{{"default_transaction_read_only = on"}};
  const auto error = error_of([&] { open_store({.database_url = cluster.url()})->migrate(); });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("read-only"));
  const auto reading = open_store({.database_url = cluster.url() + "?target_session_attrs=any"});
  EXPECT_FALSE(reading->pending_migrations().empty());
}

TEST(PostgresServers, APasswordIsInNoMessage) {
  const PostgresCluster cluster;
  const std::string at = "@127.0.0.1:" + std::to_string(cluster.port());
  for (const std::string& url : {"postgresql://errand:hunter2" + at + "/nowhere",
                                 "postgresql://nobody:hunter2" + at + "/postgres",
                                 std::string{"postgresql://errand:hunter2@127.0.0.1:1/postgres"},
                                 "postgresql://errand:hunter2" + at + "/postgres?sslmode=require",
                                 "postgresql://errand:hunter2" + at + "/postgres"}) {
    const auto error =
        error_of([&] { static_cast<void>(open_store({.database_url = url})->reader().list({})); });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
    EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("hunter2")));
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:"));
  }
}

}  // namespace
}  // namespace errand::sql
