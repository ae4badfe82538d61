// A table that another program made and goes on using: it is adopted, and what that program writes
// is honoured while errand works.
#include <gmock/gmock.h>

#include "e2e/host_process.hpp"

namespace errand::e2e {
namespace {

using ::testing::HasSubstr;
using testing::PostgresSession;
using testing::TemporaryPostgres;

/// As an ORM for TypeScript makes it: narrow ids, no more defaults than it needs itself.
constexpr const char* other_programs_table = R"(
  CREATE TABLE worker_jobs (
    id serial PRIMARY KEY,
    tag text NOT NULL,
    type text NOT NULL,
    user_id integer NOT NULL,
    data json NOT NULL,
    due timestamptz NOT NULL,
    started timestamptz,
    finished timestamptz,
    remove_at timestamptz NOT NULL,
    success boolean,
    result json,
    cron_schedule text,
    auto_reschedule_on_failure boolean NOT NULL DEFAULT false,
    auto_reschedule_on_failure_delay integer NOT NULL DEFAULT 0,
    remove_delay integer NOT NULL DEFAULT 0,
    rescheduled_from_job integer,
    persistent boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX their_index ON worker_jobs (type, due);
  INSERT INTO worker_jobs (tag, type, user_id, data, due, remove_at, started, finished, success, result)
  VALUES ('long ago', 'count', 42, '{"a": 1}', now(), now() + interval '1 day', now(), now(), true, '{"b":2}');
)";

class AnotherPrograms : public ::testing::Test {
 protected:
  AnotherPrograms() { session_.run(other_programs_table); }

  /// Its own statement, with the columns that it knows.
  JobId insert(const std::string& type,
               const Json& data,
               const std::string& more = "DEFAULT, DEFAULT") {
    return std::stoll(session_.run(
        "INSERT INTO worker_jobs (tag, type, user_id, data, due, remove_at, "
        "auto_reschedule_on_failure, auto_reschedule_on_failure_delay) VALUES ('theirs', '" +
        type + "', 42, '" + data.dump() + "', now(), now() + interval '1 hour', " + more +
        ") RETURNING id"));
  }

  void finish(JobId id, bool success) {
    session_.run(
        "UPDATE worker_jobs SET started = coalesce(started, now()), finished = now(), success = " +
        std::string{success ? "true" : "false"} +
        ", result = '{\"error\":\"by them\"}' WHERE id = " + std::to_string(id));
  }

  Job row(JobId id) { return node_.client_.worker_manager().find_job(id).value(); }

  TemporaryPostgres database_{TemporaryPostgres::Content::empty};
  PostgresSession session_{database_.url()};
  Served node_{{}, database_.url()};
};

TEST_F(AnotherPrograms, TableIsAdoptedWithItsRowsAndIds) {
  node_.start();
  const Job old = row(1);
  EXPECT_EQ(old.tag, "long ago");
  EXPECT_EQ(old.state, JobState::succeeded);
  EXPECT_EQ(old.data, Json({{"a", 1}}));
  EXPECT_EQ(old.result, Json({{"b", 2}}));
  EXPECT_EQ(session_.run("SELECT pg_typeof(id) FROM worker_jobs"), "integer");
  EXPECT_EQ(session_.run("SELECT to_regclass('their_index') IS NOT NULL"), "t");
  const Job ours = node_.submit({.tag = "ours", .type = "count"});
  EXPECT_GT(ours.id, old.id);
  EXPECT_EQ(node_.finished(ours.id).state, JobState::succeeded);
  node_.stop_and_expect_success();
}

TEST_F(AnotherPrograms, TableWithAColumnThatCannotBeUsedIsLeftAsItIs) {
  session_.run("ALTER TABLE worker_jobs ALTER COLUMN data TYPE jsonb");
  try {
    static_cast<void>(node_.client_.worker_manager().list_jobs({}));
    FAIL() << "adopted";
  } catch (const Error& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("a column data that is jsonb, but errand needs json"));
  }
  EXPECT_EQ(session_.run("SELECT count(*) FROM pg_attribute WHERE attrelid = "
                         "'worker_jobs'::regclass AND attname = 'queue'"),
            "0");
}

TEST_F(AnotherPrograms, InsertsRunAndAreRescheduledAsItsColumnsSay) {
  node_.start();
  const JobId id = insert("count", {{"runs", (node_.folder_ / "runs").string()}});
  ASSERT_TRUE(eventually([&] { return row(id).state == JobState::succeeded; }));
  EXPECT_EQ(lines_of(node_.folder_ / "runs").size(), 1U);
  const JobId failing = insert("misbehave", {{"how", "throw"}}, "true, 20");
  ASSERT_TRUE(eventually([&] {
    return session_.run("SELECT count(*) >= 2 FROM worker_jobs WHERE root_job = " +
                        std::to_string(failing)) == "t";
  }));
  EXPECT_EQ(session_.run("SELECT count(*) FROM worker_jobs WHERE rescheduled_from_job = " +
                         std::to_string(failing)),
            "1");
  node_.stop_and_expect_success();
}

TEST_F(AnotherPrograms, CancellationOfAWaitingJobIsHonoured) {
  node_.environment_["WORKER_COUNT"] = "1";
  node_.start();
  Gate gate{node_.folder_ / "gate"};
  insert("gate", {{"gate", gate.path()}});
  ASSERT_TRUE(gate.wait_for_job());
  const auto runs = node_.folder_ / "runs";
  const JobId unwanted = insert("count", {{"runs", runs.string()}});
  finish(unwanted, false);
  const JobId wanted = insert("count", {{"runs", runs.string()}});
  gate.open();
  ASSERT_TRUE(eventually([&] { return row(wanted).state == JobState::succeeded; }));
  EXPECT_EQ(lines_of(runs).size(), 1U) << "only the wanted one ran";
  EXPECT_EQ(row(unwanted).state, JobState::failed);
  EXPECT_EQ(row(unwanted).error, Json({{"error", "by them"}}));
  node_.stop_and_expect_success();
}

TEST_F(AnotherPrograms, EndOfARunningJobIsKept) {
  node_.start();
  Gate gate{node_.folder_ / "gate"};
  const JobId id = insert("gate", {{"gate", gate.path()}});
  ASSERT_TRUE(gate.wait_for_job());
  finish(id, true);
  gate.open();
  const Job next = node_.submit({.tag = "after", .type = "count"});
  EXPECT_EQ(node_.finished(next.id).state, JobState::succeeded);
  node_.stop_and_expect_success();
  EXPECT_EQ(row(id).result, Json({{"error", "by them"}}));
  EXPECT_EQ(session_.run("SELECT count(*) FROM worker_jobs WHERE root_job = " + std::to_string(id)),
            "0")
      << "no row follows it";
}

TEST_F(AnotherPrograms, RowThatItRunsItselfIsLeftToIt) {
  node_.start();
  session_.run(
      "INSERT INTO worker_jobs (tag, type, user_id, data, due, remove_at, started) VALUES "
      "('theirs', 'count', 42, '{}', now(), now() + interval '1 hour', now())");
  const Job ours = node_.submit({.tag = "ours", .type = "count"});
  EXPECT_EQ(node_.finished(ours.id).state, JobState::succeeded);
  EXPECT_EQ(session_.run("SELECT count(*) FROM worker_jobs WHERE tag = 'theirs' AND started IS NOT "
                         "NULL AND finished IS NULL AND claimed_by IS NULL"),
            "1");
  node_.stop_and_expect_success();
}

}  // namespace
}  // namespace errand::e2e
