// docs/postgresql.md: its commands and statements, run one after the other by the roles that it
// names; and its programs, which must be parts of examples that run.
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "e2e/host_process.hpp"
#include "helpers/postgres_guide.hpp"

namespace errand::e2e {
namespace {

using testing::as_role;
using testing::GuideBlock;
using ::testing::HasSubstr;
using testing::PostgresCluster;
using testing::PostgresSession;
using testing::TemporaryPostgres;

class PostgresGuide : public ::testing::Test {
 protected:
  PostgresGuide() {
    PostgresSession{cluster_.url()}.run("CREATE DATABASE shop");
    std::filesystem::create_symlink(GUIDE_PROGRAM, folder_ / "hello");
  }

  void run_shell(const std::string& text) {
    HostProcess shell{{"-ec", "cd '" + (folder_ / ".").string() + "'\n" + text},
                      {{"PGPORT", std::to_string(cluster_.port())}},
                      "/bin/sh"};
    EXPECT_EQ(shell.wait_for_exit(), 0) << text << shell.whole_output();
  }

  void run_sql(const GuideBlock& block) {
    const auto file = folder_ / "block.sql";
    std::ofstream{file} << block.text;
    HostProcess psql{{as_role(url(), block.role),
                      "--no-psqlrc",
                      "--set",
                      "ON_ERROR_STOP=1",
                      "--file",
                      file.string()},
                     {},
                     "/usr/bin/psql"};
    EXPECT_EQ(psql.wait_for_exit(), 0) << block.text << psql.whole_output();
  }

  [[nodiscard]] std::string url() const { return cluster_.url("shop"); }

  PostgresCluster cluster_{};
  Folder folder_{};
};

TEST_F(PostgresGuide, CanBeFollowedFromItsFirstLineToItsLast) {
  run_shell(
      "DATABASE_URL=sqlite:errand.db ./hello submit hello --tag from-sqlite --due 2h"
      " --data '{\"name\":\"it is \\\"Ada\\\" \\\\ Grüße\"}'");
  PostgresSession administrator{url()};
  administrator.run("CREATE TABLE orders (number integer PRIMARY KEY)");
  for (const GuideBlock& block : testing::postgres_guide()) {
    if (block.language == "sh")
      run_shell(block.text);
    if (block.language == "sql")
      run_sql(block);
    if (block.text.find("CREATE ROLE shop") != std::string::npos)
      administrator.run("GRANT SELECT, INSERT ON orders TO shop");
  }
  administrator.run("SET search_path = errand");
  EXPECT_EQ(administrator.run("SELECT data ->> 'name' FROM worker_jobs WHERE tag = 'from-sqlite' "
                              "AND due - created_at BETWEEN '110 minutes' AND '2 hours'"),
            "it is \"Ada\" \\ Grüße");
  EXPECT_EQ(administrator.run("SELECT success FROM worker_jobs WHERE tag = 'greet'"), "f");
  EXPECT_EQ(administrator.run("SELECT count(*) FROM worker_jobs WHERE tag = 'ship:7'"), "1");
}

std::string without_spaces(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](char letter) { return letter == ' '; }),
             text.end());
  return text;
}

TEST(PostgresGuidesPrograms, AreThoseOfTheExamples) {
  std::string examples;
  for (const char* name : {"enqueue.py", "enqueue.mjs", "with_pqxx.cpp", "with_libpq.cpp"}) {
    std::ifstream file{std::string{ENQUEUE_EXAMPLES} + "/" + name};
    examples += std::string{std::istreambuf_iterator<char>{file}, {}};
  }
  int programs = 0;
  for (const GuideBlock& block : testing::postgres_guide()) {
    if (block.language == "sh" || block.language == "sql")
      continue;
    ++programs;
    EXPECT_THAT(without_spaces(examples), HasSubstr(without_spaces(block.text)));
  }
  EXPECT_EQ(programs, 4);
}

/// What a role is told when it goes beyond its grants, or what it gets.
std::string attempt(const TemporaryPostgres& database,
                    const std::string& role,
                    const std::string& sql) {
  try {
    return PostgresSession{as_role(database.url(), role)}.run(sql);
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
}

TEST(TheAppsRole, MayUseRowsAndNothingElse) {
  const TemporaryPostgres database{TemporaryPostgres::Content::by_the_guide};
  PostgresSession{database.url()}.run("CREATE TABLE orders (number integer)");
  const auto denied = HasSubstr("ERROR");
  for (const char* sql : {"CREATE TABLE more (a int)",
                          "ALTER TABLE worker_jobs ADD COLUMN more int",
                          "TRUNCATE worker_jobs",
                          "DROP INDEX worker_jobs_waiting",
                          "DELETE FROM errand_migrations",
                          "SELECT * FROM public.orders"})
    EXPECT_THAT(attempt(database, "errand_app", sql), denied) << sql;
  EXPECT_EQ(attempt(database, "errand_app", "SELECT count(*) FROM worker_jobs"), "0");
  EXPECT_THAT(attempt(database, "shop", "SELECT count(*) FROM errand.worker_jobs"), denied);
}

}  // namespace
}  // namespace errand::e2e
