// A transaction that the caller opened on its own PGconn.

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/postgres_cluster.hpp"
#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::HasSubstr;

PreparedJob make_job(const std::string& unique_key = {}) {
  PreparedJob job;
  job.tag = "t";
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  job.unique_key = unique_key;
  return job;
}

TEST(PostgresTransaction, WakesEveryNodeAtItsCommit) {
  const TemporaryPostgres database;
  PostgresSession listener{database.url()};
  listener.run("LISTEN errand");
  const auto store = open_store({.database_url = database.url()});
  const PreparedJob job = make_job();
  bool woken_here = false;
  store->database().with_transaction([&](Transaction&) {
    store->jobs().submit({&job, 1}, {}, [&] { woken_here = true; });
    EXPECT_EQ(listener.notification(0ms), std::nullopt) << "nobody would find it yet";
  });
  EXPECT_FALSE(woken_here);
  EXPECT_EQ(listener.notification(5s), R"({"type":"wake"})");
}

class PostgresLent : public ::testing::Test {
 protected:
  JobId submit(const PreparedJob& job) {
    return store_->jobs().submit_in(BorrowedTransaction{*session_.handle()}, job).id;
  }

  Error refusal(const PreparedJob& job) {
    try {
      submit(job);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no Error";
    return {ErrorKind::bug, ""};
  }

  TemporaryPostgres database_{};
  std::unique_ptr<Store> store_{open_store({.database_url = database_.url()})};
  PostgresSession session_{database_.url()};
};

TEST_F(PostgresLent, ItsEndDecidesWhetherTheJobExists) {
  session_.run("BEGIN");
  const auto undone = submit(make_job());
  session_.run("ROLLBACK");
  EXPECT_FALSE(store_->reader().find(undone));
  session_.run("BEGIN");
  const auto done = submit(make_job());
  EXPECT_FALSE(store_->reader().find(done)) << "not before the commit";
  session_.run("COMMIT");
  EXPECT_TRUE(store_->reader().find(done));
}

TEST_F(PostgresLent, NothingIsLeftBehindOnTheConnection) {
  for (const bool nonblocking : {false, true}) {
    PQsetnonblocking(session_.handle(), nonblocking ? 1 : 0);
    session_.run("BEGIN");
    submit(make_job());
    EXPECT_EQ(PQpipelineStatus(session_.handle()), PQ_PIPELINE_OFF);
    EXPECT_EQ(PQisnonblocking(session_.handle()), nonblocking ? 1 : 0);
    EXPECT_EQ(PQtransactionStatus(session_.handle()), PQTRANS_INTRANS);
    PQsetnonblocking(session_.handle(), 0);
    EXPECT_EQ(session_.run("SELECT count(*) FROM pg_prepared_statements"), "0");
    EXPECT_EQ(session_.run("SHOW statement_timeout"), "0");
    EXPECT_EQ(session_.run("SHOW synchronous_commit"), "on");
    session_.run("COMMIT");
  }
}

TEST_F(PostgresLent, ARefusedJobLeavesTheCallersTransactionAsItWas) {
  session_.run("BEGIN");
  session_.run("CREATE TABLE own (a int)");
  submit(make_job("key"));
  EXPECT_EQ(refusal(make_job("key")).kind(), ErrorKind::conflict);
  EXPECT_EQ(PQtransactionStatus(session_.handle()), PQTRANS_INTRANS);
  session_.run("COMMIT");
  EXPECT_EQ(session_.run("SELECT to_regclass('own') IS NOT NULL"), "t");
  EXPECT_EQ(store_->reader().list({}).jobs.size(), 1U);
}

TEST_F(PostgresLent, PoliciesAndKeysHoldInItToo) {
  auto keyed = make_job();
  keyed.idempotency_key = "k";
  session_.run("BEGIN");
  const auto first = submit(keyed);
  EXPECT_EQ(submit(keyed), first);
  auto replacing = make_job();
  replacing.on_pending_tag = OnPendingTag::replace;
  const auto last = submit(replacing);
  session_.run("COMMIT");
  EXPECT_EQ(store_->reader().find(first)->reason, "superseded");
  EXPECT_EQ(store_->reader().find(last)->state, JobState::scheduled);
}

TEST_F(PostgresLent, AConnectionThatIsNotInAnOpenTransactionIsRefused) {
  EXPECT_THAT(refusal(make_job()).what(), HasSubstr("in no transaction"));
  session_.run("BEGIN");
  EXPECT_THROW(session_.run("SELEC"), std::runtime_error);
  EXPECT_THAT(refusal(make_job()).what(), HasSubstr("has failed"));
  session_.run("ROLLBACK");
  session_.run("BEGIN");
  PQsendQuery(session_.handle(), "SELECT 1");
  EXPECT_THAT(refusal(make_job()).what(), HasSubstr("waits for an answer"));
}

TEST_F(PostgresLent, AConnectionInPipelineModeIsRefused) {
  session_.run("BEGIN");
  PQenterPipelineMode(session_.handle());
  const auto error = refusal(make_job());
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.what(), HasSubstr("pipeline mode"));
  PQexitPipelineMode(session_.handle());
}

TEST_F(PostgresLent, AHandleOfTheOtherDatabaseIsRefused) {
  const TemporaryDatabase file;
  const auto sqlite = open_store({.database_url = file.url()});
  sqlite->migrate();
  session_.run("BEGIN");
  const auto job = make_job();
  EXPECT_THROW(sqlite->jobs().submit_in(BorrowedTransaction{*session_.handle()}, job), Error);
  sqlite->database().with_transaction([&](Transaction& tx) {
    sqlite3* handle = tx.native_handle();
    EXPECT_THROW(store_->jobs().submit_in(BorrowedTransaction{*handle}, job), Error);
    EXPECT_THROW(static_cast<void>(static_cast<pg_conn*>(tx.native_handle())), Error);
  });
}

TEST_F(PostgresLent, AConnectionThatIsLostMeanwhileIsUnavailable) {
  session_.run("BEGIN");
  PostgresSession{database_.url()}.run("SELECT pg_terminate_backend(" +
                                       std::to_string(PQbackendPID(session_.handle())) + ", 5000)");
  EXPECT_EQ(refusal(make_job()).kind(), ErrorKind::unavailable);
  EXPECT_TRUE(store_->reader().list({}).jobs.empty());
}

}  // namespace
}  // namespace errand
