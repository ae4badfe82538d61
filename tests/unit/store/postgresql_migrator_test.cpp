#include <thread>

#include <gmock/gmock.h>

#include "helpers/pgbouncer.hpp"
#include "helpers/postgres_cluster.hpp"
#include "store/migrator.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

using errand::testing::PgBouncer;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string refusal_of(Store& store) {
  try {
    store.migrate();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.what();
  }
  ADD_FAILURE() << "no Error";
  return {};
}

class PostgresMigrator : public ::testing::Test {
 protected:
  TemporaryPostgres database_{TemporaryPostgres::Content::empty};
  std::unique_ptr<Store> store_{open_store({.database_url = database_.url()})};
  PostgresSession session_{database_.url()};
};

TEST_F(PostgresMigrator, AppliesWhatIsMissingAndThenNothing) {
  std::vector<std::string> names;
  for (const sql::Migration& migration : sql::Statements::of_postgresql().migrations())
    names.emplace_back(migration.name);
  EXPECT_EQ(store_->pending_migrations(), names);
  EXPECT_EQ(store_->migrate(), names);
  EXPECT_THAT(store_->pending_migrations(), IsEmpty());
  EXPECT_THAT(store_->migrate(), IsEmpty());
  EXPECT_EQ(session_.run("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
}

TEST_F(PostgresMigrator, ManyAtOnceApplyEachMigrationOnce) {
  std::atomic<std::size_t> applied{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 6; ++thread)
      threads.emplace_back(
          [&] { applied += open_store({.database_url = database_.url()})->migrate().size(); });
  }
  EXPECT_EQ(applied, sql::Statements::of_postgresql().migrations().size());
}

TEST_F(PostgresMigrator, WorksThroughAPooler) {
  EXPECT_FALSE(open_store({.database_url = PgBouncer::shared().url_for(database_.url())})
                   ->migrate()
                   .empty());
  EXPECT_THAT(store_->pending_migrations(), IsEmpty());
}

TEST_F(PostgresMigrator, IndexesThatAreGoneOrHalfBuiltAreBuiltAgainBesideTheRows) {
  store_->migrate();
  session_.run(
      "INSERT INTO worker_jobs (tag, type) SELECT 't', 'work' FROM generate_series(1, 100)");
  session_.run("DELETE FROM errand_migrations WHERE name = '0002_indexes'");
  session_.run("DROP INDEX worker_jobs_chain");
  session_.run(
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'worker_jobs_waiting'::regclass");
  EXPECT_THAT(store_->migrate(), ElementsAre("0002_indexes"));
  EXPECT_EQ(session_.run("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
  EXPECT_EQ(session_.run("SELECT to_regclass('worker_jobs_chain') IS NOT NULL"), "t");
}

TEST_F(PostgresMigrator, TellsOnceWhyItWaitsForOthersAndGoesOnWhenTheyAreDone) {
  store_->migrate();
  const auto reason_while = [&](const std::string& others_do) {
    session_.run("DELETE FROM errand_migrations WHERE name = '0004_held_jobs'");
    session_.run("BEGIN; " + others_do);
    std::vector<std::string> reasons;
    const auto told = [&](const std::string& why) {
      reasons.push_back(why);
      session_.run("ROLLBACK");
    };
    EXPECT_THAT(store_->migrate(told), ElementsAre("0004_held_jobs"));
    return reasons;
  };
  const std::string lock{sql::Statements::of_postgresql().text(sql::Query::lock_migrations)};
  EXPECT_THAT(reason_while(lock), ElementsAre(HasSubstr("another process is changing")));
  EXPECT_THAT(reason_while("LOCK TABLE worker_processes IN ACCESS SHARE MODE"),
              ElementsAre(HasSubstr("another session is using the tables that must change")));
}

TEST_F(PostgresMigrator, RefusesASchemaThatIsNewerThanTheProgramOrMadeByAnotherText) {
  store_->migrate();
  session_.run("INSERT INTO errand_migrations VALUES ('9999_future', 'x', now())");
  EXPECT_THAT(refusal_of(*store_), HasSubstr("9999_future"));
  session_.run("DELETE FROM errand_migrations WHERE name = '9999_future'");
  session_.run("UPDATE errand_migrations SET checksum = 'edited'");
  EXPECT_THAT(refusal_of(*store_), HasSubstr("another text"));
}

}  // namespace
}  // namespace errand
