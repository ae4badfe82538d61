// examples/enqueue: an order and its job in one transaction, from five languages and libraries.
#include <gmock/gmock.h>

#include "e2e/host_process.hpp"
#include "helpers/stored_row.hpp"
#include "shop.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;
using testing::PostgresSession;
using testing::TemporaryPostgres;

using Command = std::vector<std::string>;

struct Way {
  std::string name{};
  Command command{};          ///< places order 7
  std::string preparation{};  ///< a file of SQL
};

std::ostream& operator<<(std::ostream& out, const Way& way) {
  return out << way.name;
}

std::string example(const std::string& file) {
  return std::string{ENQUEUE_EXAMPLES} + "/" + file;
}

std::vector<Way> ways() {
  return {{"Libpq", {ENQUEUE_LIBPQ, "7"}},
          {"Libpqxx", {ENQUEUE_PQXX, "7"}},
          {"Sql", {"psql", "--set", "order=7", "--file", example("enqueue.sql")}},
          {"Trigger", {"psql", "--command", "INSERT INTO orders VALUES (7)"}, "trigger.sql"},
          {"Python", {"/usr/bin/python3", example("enqueue.py"), "7"}},
          {"Node", {"/usr/bin/env", "node", example("enqueue.mjs"), "7"}}};
}

class Enqueue : public ::testing::TestWithParam<Way> {
 protected:
  Enqueue() {
    session_.run("CREATE TABLE orders (number integer PRIMARY KEY)");
    if (!GetParam().preparation.empty()) {
      EXPECT_EQ(run({"psql", "--file", example(GetParam().preparation)}), 0) << said_;
    }
  }

  int run(Command command) {
    if (command.front() == "psql") {
      command.front() = "/usr/bin/psql";
      command.insert(command.begin() + 1, {database_.url(), "--no-psqlrc"});
    }
    const std::string program = command.front();
    command.erase(command.begin());
    HostProcess process{command, {{"DATABASE_URL", database_.url()}}, program};
    const int code = process.wait_for_exit();
    said_ = process.whole_output();
    return code;
  }

  TemporaryPostgres database_{};
  PostgresSession session_{database_.url()};
  std::string said_{};
};

TEST_P(Enqueue, TheRowIsTheOneThatSubmitJobStoresAndItsCommitWakesTheWorkers) {
  PostgresSession listener{database_.url()};
  listener.run("LISTEN errand");
  ASSERT_EQ(run(GetParam().command), 0) << said_;
  EXPECT_EQ(listener.notification(5s), R"({"type":"wake"})");
  EXPECT_EQ(session_.run("SELECT count(*) FROM orders"), "1");

  const TemporaryPostgres other;
  Config config;
  config.database_url = other.url();
  config.log_level = LogLevel::error;
  ServerApp app{config, shop::make_jobs()};
  app.worker_manager().submit_job(shop::ship_order(7));
  PostgresSession beside{other.url()};
  const Json stored = stored_row(session_);
  EXPECT_EQ(stored, stored_row(beside));
  EXPECT_EQ(stored.at("tag"), "ship:7");
  EXPECT_EQ(stored.at("data").at("note"), "Grüße an \"Ada\"");
}

TEST_P(Enqueue, AnOrderThatCannotBeStoredHasNoJob) {
  session_.run("ALTER TABLE orders ADD CHECK (number <> 7)");
  EXPECT_NE(run(GetParam().command), 0);
  EXPECT_THAT(said_, ::testing::HasSubstr("orders_number_check"));
  EXPECT_EQ(session_.run("SELECT count(*) FROM worker_jobs"), "0");
}

INSTANTIATE_TEST_SUITE_P(By, Enqueue, ::testing::ValuesIn(ways()), [](const auto& tested) {
  return tested.param.name;
});

}  // namespace
}  // namespace errand::e2e
