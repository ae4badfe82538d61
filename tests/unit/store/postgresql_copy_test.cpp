// Thousands of rows that are copied, and not inserted.

#include <signal.h>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/error_of.hpp"
#include "helpers/postgres_cluster.hpp"
#include "helpers/postgres_guide.hpp"
#include "store/open_store.hpp"
#include "store/plain_rows.hpp"
#include "store/postgresql/postgres_connection.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::error_of;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int many = 2000;
constexpr TimePoint noon{std::chrono::seconds{1'800'000'000}};

PreparedJob numbered(int number) {
  PreparedJob job;
  job.tag = "many";
  job.type = "work";
  job.queue = "default";
  job.data = std::to_string(number);
  return job;
}

/// It says everything that a row can say.
PreparedJob full(int number) {
  PreparedJob job = numbered(0);
  job.user_id = 7;
  job.due = Due{noon + 1h};
  job.queue = "other";
  job.priority = -3;
  job.retry_policy = R"({"kind":"fixed"})";
  job.max_attempts = 4;
  job.auto_reschedule_delay = 5s;
  job.timeout = 6s;
  job.unique_key = "unique" + std::to_string(number);
  job.concurrency_key = "alone";
  job.cron_schedule = "0 0 * * *";
  job.timezone = "Europe/Rome";
  job.misfire = Misfire::all;
  job.persistent = true;
  job.remove_delay = 8s;
  job.meta = R"({"a":"\\ \t \n"})";
  return job;
}

std::vector<PreparedJob> many_of(PreparedJob (*job)(int number)) {
  std::vector<PreparedJob> jobs;
  for (int number = 0; number < many; ++number)
    jobs.push_back(job(number));
  return jobs;
}

class PostgresCopies : public ::testing::Test {
 protected:
  std::string ask(const std::string& sql) { return admin_.run(sql); }

  std::vector<JobId> submit(const std::vector<PreparedJob>& jobs) {
    std::vector<JobId> ids;
    for (const Submitted& submitted : store_->jobs().submit(jobs, noon))
      ids.push_back(submitted.id);
    return ids;
  }

  void expect_theirs(const std::vector<JobId>& ids) {
    ASSERT_EQ(ids.size(), std::size_t{many});
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    for (const int number : {0, 1, 2, 1000, many - 2, many - 1})
      EXPECT_EQ(ask("SELECT tag || data FROM worker_jobs WHERE id = " +
                    std::to_string(ids[static_cast<std::size_t>(number)])),
                "many" + std::to_string(number));
  }

  /// Rows of all columns; `before` is called with the number of each. False: they are not copied.
  bool copy(Connection& connection, int rows, const std::function<void(int)>& before) {
    connection.begin();
    connection.execute(Query::ping);
    const auto copy = connection.copy(Query::copy_jobs);
    for (int row = 0; copy && row < rows; ++row) {
      before(row);
      PreparedJob job = full(row);
      job.cron_schedule.clear();
      job.data = '"' + std::string(payload_bytes_, 'x') + '"';
      copied_job.bind(copy->row(), 1, job, noon);
      copy->add();
    }
    if (copy)
      copy->end();
    return copy != nullptr;
  }

  void expect_to_go_on(PostgresConnection& connection) {
    connection.rollback();
    EXPECT_TRUE(connection.usable());
    EXPECT_TRUE(copy(connection, 3, [](int) {}));
    connection.commit();
    EXPECT_EQ(ask("SELECT count(*) FROM worker_jobs"), "3");
  }

  TemporaryPostgres database_{};
  PostgresSession admin_{database_.url()};
  std::unique_ptr<Store> store_{open_store({.database_url = database_.url()})};
  std::shared_ptr<PostgresServer> server_{
      std::make_shared<PostgresServer>(database_.url(), nullptr, 500ms)};
  std::size_t payload_bytes_{10};
};

TEST_F(PostgresCopies, TellTheirIdsInTheOrderOfTheJobs) {
  const auto ids = submit(many_of(numbered));
  EXPECT_EQ(ids.back() - ids.front(), many - 1);
  expect_theirs(ids);
}

TEST_F(PostgresCopies, StoreWhatInsertsStore) {
  for (const auto& job : {numbered, full}) {
    ask("TRUNCATE worker_jobs");
    std::vector<PreparedJob> jobs;
    for (int number = 0; number < many; ++number) {
      jobs.push_back(job(number));
      jobs.back().data = "[0]";
    }
    submit(jobs);
    PreparedJob alone = job(many);
    alone.data = "[0]";
    submit({alone});
    EXPECT_EQ(ask("SELECT count(*) || ' ' || count(DISTINCT to_jsonb(w) - 'id' - 'unique_key') "
                  "FROM worker_jobs w"),
              "2001 1");
  }
}

TEST_F(PostgresCopies, AreTheirOwnWhereOthersHaveIdsBetween) {
  ask("ALTER TABLE worker_jobs ALTER COLUMN id SET INCREMENT BY 3");
  ask("INSERT INTO worker_jobs (id, tag, type) SELECT 3 * n, 'other', 'work' "
      "FROM generate_series(1, 5000) n");
  const auto ids = submit(many_of(numbered));
  EXPECT_EQ(ids.back() - ids.front(), 3 * (many - 1));
  expect_theirs(ids);
}

TEST_F(PostgresCopies, AreRefusedByTheirName) {
  ask("ALTER TABLE worker_jobs ADD CHECK (data::text <> '1500')");
  const Error error = error_of([&] { submit(many_of(numbered)); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.what(), HasSubstr("copy_simple_jobs"));
  EXPECT_EQ(ask("SELECT count(*) FROM worker_jobs"), "0");
  auto jobs = many_of(full);
  jobs[1500].data = "1500";
  EXPECT_THAT(error_of([&] { submit(jobs); }).what(), HasSubstr("copy_jobs"));
}

TEST_F(PostgresCopies, StoreNothingWhereOneConflicts) {
  auto jobs = many_of(full);
  jobs.back().unique_key = jobs.front().unique_key;
  EXPECT_EQ(error_of([&] { submit(jobs); }).field(), "uniqueKey");
  jobs.back().unique_key = "another";
  jobs[1000].unique_key = jobs[999].unique_key;
  EXPECT_EQ(error_of([&] { submit(jobs); }).field(), "uniqueKey");
  EXPECT_EQ(ask("SELECT count(*) FROM worker_jobs"), "0");
}

TEST_F(PostgresCopies, LeaveATableThatIsNotLikeOthersToInserts) {
  PostgresConnection connection{server_};
  const auto expect_none = [&](const std::string& change, const std::string& back) {
    ask(change);
    EXPECT_FALSE(copy(connection, 3, [](int) {})) << change;
    connection.rollback();
    ask(back);
  };
  ask("CREATE FUNCTION go_on() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
  expect_none(
      "CREATE TRIGGER one BEFORE INSERT ON worker_jobs FOR EACH ROW EXECUTE FUNCTION go_on()",
      "DROP TRIGGER one ON worker_jobs");
  expect_none("CREATE RULE one AS ON INSERT TO worker_jobs DO ALSO NOTHING",
              "DROP RULE one ON worker_jobs");
  EXPECT_TRUE(copy(connection, 3, [](int) {})) << "all is as before";
}

TEST_F(PostgresCopies, AreTheirOwnWhereATriggerInsertsBetween) {
  ask("CREATE FUNCTION echo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "INSERT INTO worker_jobs (tag, type) VALUES ('echo', 'work'); RETURN NULL; END $$");
  ask("CREATE TRIGGER echo AFTER INSERT ON worker_jobs FOR EACH ROW WHEN (NEW.tag = 'many') "
      "EXECUTE FUNCTION echo()");
  expect_theirs(submit(many_of(numbered)));
  EXPECT_EQ(ask("SELECT count(*) FROM worker_jobs"), std::to_string(2 * many));
}

TEST_F(PostgresCopies, AreGivenUpWhenOneOfThemCannotBeMade) {
  PostgresConnection connection{server_};
  EXPECT_THROW(copy(connection,
                    5000,
                    [](int item) {
                      if (item == 4000)
                        throw std::bad_alloc{};
                    }),
               std::bad_alloc);
  expect_to_go_on(connection);
}

TEST_F(PostgresCopies, GoOnAfterTheServerRefusedThem) {
  PostgresConnection connection{server_};
  ask("ALTER TABLE worker_jobs RENAME COLUMN meta TO other");
  EXPECT_THAT(error_of([&] { copy(connection, 3, [](int) {}); }).what(),
              HasSubstr("errand migrate"));
  ask("ALTER TABLE worker_jobs RENAME COLUMN other TO meta");
  expect_to_go_on(connection);
}

TEST_F(PostgresCopies, AreNotWaitedForLongerThanSaid) {
  for (const std::size_t bytes : {std::size_t{10}, std::size_t{1'000'000}}) {
    payload_bytes_ = bytes;
    PostgresConnection connection{server_};
    const int session = PQbackendPID(connection.native_handle());
    const auto error = error_of([&] {
      copy(connection, 20, [&](int item) {
        if (item == 1)
          ::kill(session, SIGSTOP);
      });
    });
    ::kill(session, SIGCONT);
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("no answer came in time"));
    connection.rollback();
    EXPECT_FALSE(connection.usable());
  }
  EXPECT_EQ(ask("SELECT count(*) FROM worker_jobs"), "0");
}

TEST_F(PostgresCopies, AreLostWithTheirSession) {
  PostgresConnection connection{server_};
  const int session = PQbackendPID(connection.native_handle());
  const auto error = error_of([&] {
    copy(connection, 20, [&](int item) {
      if (item == 10)
        ask("SELECT pg_terminate_backend(" + std::to_string(session) + ", 10000)");
    });
  });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_FALSE(connection.usable());
  EXPECT_EQ(ask("SELECT count(*) FROM worker_jobs"), "0");
}

TEST(PostgresCopiesByTheGuide, AreInsertedWhereRowsAreGuarded) {
  const TemporaryPostgres database{TemporaryPostgres::Content::by_the_guide};
  PostgresSession owner{testing::as_role(database.url(), "errand_owner")};
  const auto store = open_store({.database_url = testing::as_role(database.url(), "errand_app")});
  const auto expect_stored = [&](const char* how) {
    const auto stored = store->jobs().submit(many_of(numbered));
    EXPECT_EQ(stored.back().id - stored.front().id, many - 1) << how;
  };
  expect_stored("as a role that may use the tables");
  owner.run("ALTER TABLE errand.worker_jobs ENABLE ROW LEVEL SECURITY");
  owner.run("CREATE POLICY own ON errand.worker_jobs USING (true)");
  expect_stored("as a role whose rows are guarded");
}

}  // namespace
}  // namespace errand::sql
