// Behind PgBouncer in transaction mode; tests/conformance runs everything else there.

#include <thread>

#include <gmock/gmock.h>

#include "helpers/pgbouncer.hpp"
#include "helpers/postgres_cluster.hpp"
#include "helpers/postgres_guide.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

using errand::testing::PgBouncer;
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

class PostgresPooler : public ::testing::Test {
 protected:
  TemporaryPostgres database_{};
  std::string url_{PgBouncer::shared().url_for(database_.url())};
  std::unique_ptr<Store> store_{open_store({.database_url = url_})};
};

TEST_F(PostgresPooler, NothingStaysInTheSessionsThatOthersGetNext) {
  const auto job = make_job();
  const auto id = store_->jobs().submit({&job, 1}).at(0).id;
  EXPECT_TRUE(store_->reader().find(id));
  PostgresSession next{url_};
  EXPECT_EQ(next.run("SELECT count(*) FROM pg_prepared_statements"), "0");
  EXPECT_EQ(next.run("SHOW statement_timeout"), "0");
  EXPECT_EQ(next.run("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                     "(SELECT oid FROM pg_database WHERE datname = current_database())"),
            "0");
}

TEST_F(PostgresPooler, LimitsHoldInsideTransactions) {
  const auto limit = store_->database().with_transaction(
      [](Transaction& tx) { return tx.query("SHOW statement_timeout").get<std::string>(0, 0); });
  EXPECT_EQ(limit, "10s");
}

/// More threads than sessions, so that each statement meets another session than the last one did.
TEST_F(PostgresPooler, ManyThreadsShareFewSessions) {
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread)
      threads.emplace_back([&, thread] {
        for (int turn = 0; turn < 20; ++turn) {
          const auto job = make_job(std::to_string(thread) + "-" + std::to_string(turn));
          const auto id = store_->jobs().submit({&job, 1}).at(0).id;
          EXPECT_TRUE(store_->reader().find(id));
        }
      });
  }
  EXPECT_EQ(store_->reader().list({.limit = 1000}).jobs.size(), 160U);
}

TEST_F(PostgresPooler, ThousandsAreCopiedThroughIt) {
  for (int turn = 0; turn < 3; ++turn) {
    const auto stored = store_->jobs().submit(std::vector<PreparedJob>(2000, make_job()));
    EXPECT_EQ(stored.back().id - stored.front().id, 1999);
  }
  EXPECT_TRUE(store_->reader().find(6000));
}

TEST_F(PostgresPooler, ARolesSearchPathHoldsThroughIt) {
  const TemporaryPostgres guided{TemporaryPostgres::Content::by_the_guide};
  const auto store = open_store(
      {.database_url = PgBouncer::shared().url_for(testing::as_role(guided.url(), "errand_app"))});
  EXPECT_TRUE(store->pending_migrations().empty());
  EXPECT_EQ(store->database().with_transaction([](Transaction& tx) {
    return tx.query("SELECT current_user").get<std::string>(0, 0);
  }),
            "errand_app");
  EXPECT_TRUE(store->reader().list({}).jobs.empty());
}

TEST_F(PostgresPooler, AFailureInAPipelineLeavesTheConnectionUsable) {
  const auto job = make_job("taken");
  store_->jobs().submit({&job, 1});
  for (int turn = 0; turn < 3; ++turn) {
    try {
      store_->jobs().submit(std::vector<PreparedJob>{make_job(), make_job("taken"), make_job()});
      FAIL() << "no Error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::conflict);
    }
    EXPECT_EQ(store_->reader().list({}).jobs.size(), 1U);
  }
}

}  // namespace
}  // namespace errand
