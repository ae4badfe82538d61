// A transaction that the caller opened with libpqxx.

#include <errand/adapters/pqxx.hpp>
#include <type_traits>

#include <gmock/gmock.h>

#include "helpers/error_of.hpp"
#include "helpers/postgres_cluster.hpp"
#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"

/// libpqxx 6.4 drops the result that tells it of a lost connection; what this project allocates is
/// not excused. The name is the sanitizer's.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();

// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer looks for it
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libpqxx";
}

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::error_of;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::HasSubstr;
using ::testing::Not;

template <typename Transaction>
concept Borrowable = requires(Transaction& transaction) {
  errand::borrow(transaction);
};

static_assert(Borrowable<pqxx::work>);
static_assert(Borrowable<pqxx::subtransaction>);
static_assert(!Borrowable<pqxx::nontransaction>, "it would commit each statement by itself");

PreparedJob make_job(const std::string& tag = "t") {
  PreparedJob job;
  job.tag = tag;
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  return job;
}

class PostgresPqxx : public ::testing::Test {
 protected:
  JobId submit(pqxx::dbtransaction& transaction, const PreparedJob& job) {
    return store_->jobs().submit_in(borrow(transaction), job).id;
  }

  Error refusal(pqxx::dbtransaction& transaction, const PreparedJob& job) {
    return error_of([&] { submit(transaction, job); });
  }

  std::size_t stored() { return store_->reader().list({}).jobs.size(); }

  TemporaryPostgres database_{};
  std::unique_ptr<Store> store_{open_store({.database_url = database_.url()})};
  pqxx::connection connection_{database_.url()};
};

TEST_F(PostgresPqxx, ItsEndDecidesWhetherTheJobExists) {
  JobId undone = 0;
  {
    pqxx::work work{connection_};
    undone = submit(work, make_job());
    work.abort();
  }
  EXPECT_FALSE(store_->reader().find(undone));
  {
    pqxx::work dropped{connection_};
    undone = submit(dropped, make_job());
  }
  EXPECT_FALSE(store_->reader().find(undone));
  pqxx::work work{connection_};
  const auto done = submit(work, make_job());
  EXPECT_FALSE(store_->reader().find(done)) << "not before the commit";
  work.commit();
  EXPECT_TRUE(store_->reader().find(done));
}

TEST_F(PostgresPqxx, ASubtransactionsEndDecidesToo) {
  pqxx::work work{connection_};
  {
    pqxx::subtransaction inner{work, "inner"};
    submit(inner, make_job("undone"));
    inner.abort();
  }
  {
    pqxx::subtransaction inner{work, "inner"};
    submit(inner, make_job("done"));
    inner.commit();
  }
  work.commit();
  const auto jobs = store_->reader().list({}).jobs;
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].tag, "done");
}

TEST_F(PostgresPqxx, TheCommitTellsEveryNodeAtOnce) {
  PostgresSession listener{database_.url()};
  listener.run("LISTEN errand");
  pqxx::work work{connection_};
  submit(work, make_job());
  submit(work, make_job());
  EXPECT_EQ(listener.notification(0ms), std::nullopt) << "not before the commit";
  work.commit();
  EXPECT_EQ(listener.notification(5s), R"({"type":"wake"})");
  EXPECT_EQ(listener.notification(0ms), std::nullopt) << "once for all of them";
}

TEST_F(PostgresPqxx, ARefusedJobLeavesTheCallersTransactionAsItWas) {
  auto keyed = make_job();
  keyed.unique_key = "it's \"mine\" (a)=(b)";
  pqxx::work work{connection_};
  work.exec("CREATE TABLE own (a int)");
  submit(work, keyed);
  const auto error = refusal(work, keyed);
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  EXPECT_EQ(error.field(), "uniqueKey");
  work.exec("INSERT INTO own VALUES (1)");
  work.commit();
  EXPECT_EQ(stored(), 1U);
  pqxx::work after{connection_};
  EXPECT_EQ(after.exec("SELECT count(*) FROM own")[0][0].as<int>(), 1);
}

TEST_F(PostgresPqxx, WhatAFailedSubmissionDidBeforeIsUndone) {
  PostgresSession{database_.url()}.run(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE EXCEPTION 'no more orders'; END $$;"
      "CREATE TRIGGER refuse BEFORE INSERT ON worker_jobs FOR EACH ROW "
      "WHEN (new.type = 'refused') EXECUTE FUNCTION refuse()");
  const auto waiting = store_->jobs().submit(std::vector{make_job()}, {}).front().id;
  auto replacing = make_job();
  replacing.type = "refused";
  replacing.on_pending_tag = OnPendingTag::replace;
  pqxx::work work{connection_};
  const auto error = refusal(work, replacing);
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.what(), HasSubstr("the lent transaction: no more orders (SQLSTATE P0001)"));
  EXPECT_THAT(error.what(), Not(HasSubstr("CONTEXT"))) << "details may hold data";
  work.commit();
  EXPECT_EQ(store_->reader().find(waiting)->state, JobState::scheduled) << "it was not replaced";
  EXPECT_EQ(stored(), 1U);
}

TEST_F(PostgresPqxx, PoliciesAndKeysHoldInItToo) {
  auto keyed = make_job();
  keyed.idempotency_key = "k";
  auto keeping = make_job();
  keeping.on_pending_tag = OnPendingTag::keep;
  auto replacing = make_job();
  replacing.on_pending_tag = OnPendingTag::replace;
  pqxx::work work{connection_};
  const auto first = submit(work, keyed);
  EXPECT_EQ(submit(work, keyed), first);
  EXPECT_EQ(submit(work, keeping), first);
  const auto last = submit(work, replacing);
  work.commit();
  EXPECT_EQ(store_->reader().find(first)->reason, "superseded");
  EXPECT_EQ(store_->reader().find(last)->state, JobState::scheduled);
}

TEST_F(PostgresPqxx, ATransactionThatIsOverIsRefused) {
  pqxx::work work{connection_};
  work.commit();
  const auto error = refusal(work, make_job());
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.what(), HasSubstr("the lent transaction cannot be used: "));
  EXPECT_EQ(stored(), 0U);
}

TEST_F(PostgresPqxx, AConnectionThatIsLostMeanwhileIsUnavailable) {
  pqxx::work work{connection_};
  const auto pid = work.exec("SELECT pg_backend_pid()")[0][0].as<std::string>();
  PostgresSession{database_.url()}.run("SELECT pg_terminate_backend(" + pid + ", 5000)");
  EXPECT_EQ(refusal(work, make_job()).kind(), ErrorKind::unavailable);
  EXPECT_EQ(stored(), 0U);
}

TEST_F(PostgresPqxx, ATransactionOfTheOtherDatabaseIsRefused) {
  const TemporaryDatabase file;
  const auto sqlite = open_store({.database_url = file.url()});
  sqlite->migrate();
  pqxx::work work{connection_};
  const auto error = error_of([&] { sqlite->jobs().submit_in(borrow(work), make_job()); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
}

TEST_F(PostgresPqxx, ASchemaThatIsMissingIsSaid) {
  const TemporaryPostgres empty{TemporaryPostgres::Content::empty};
  pqxx::connection connection{empty.url()};
  pqxx::work work{connection};
  EXPECT_THAT(refusal(work, make_job()).what(), HasSubstr("run `errand migrate`"));
}

/// Any driver will do: this one sends what has no parameters, and calls every failure the same.
class BareExecutor final : public SqlExecutor {
 public:
  BareExecutor(PostgresSession& session, std::string sqlstate)
      : session_{session}, sqlstate_{std::move(sqlstate)} {}

  std::vector<std::vector<Value>> run(const std::string& sql,
                                      const std::vector<Value>& /*values*/) override {
    try {
      session_.run(sql);
    } catch (const std::runtime_error& failure) {
      throw SqlFailure{sqlstate_, failure.what()};
    }
    return {};
  }

 private:
  PostgresSession& session_;
  std::string sqlstate_;
};

TEST_F(PostgresPqxx, ADriverThatIsInNoOpenTransactionIsRefused) {
  PostgresSession session{database_.url()};
  const auto refusal_with = [&](const std::string& sqlstate) {
    const BorrowedTransaction lent{std::make_shared<BareExecutor>(session, sqlstate)};
    const auto error = error_of([&] { store_->jobs().submit_in(lent, make_job()); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return std::string{error.what()};
  };
  EXPECT_THAT(refusal_with("25P01"), HasSubstr("is none: BEGIN one first"));
  session.run("BEGIN");
  EXPECT_THROW(session.run("SELEC"), std::runtime_error);
  EXPECT_THAT(refusal_with("25P02"), HasSubstr("has failed: roll it back"));
  EXPECT_EQ(stored(), 0U);
}

}  // namespace
}  // namespace errand
