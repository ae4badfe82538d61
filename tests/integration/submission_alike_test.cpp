// One job, five doors: submit_job, a lent PGconn, a lent libpqxx transaction, errand_submit_job,
// and a trigger that calls it. Each stores the same row, and each refuses the same field.

#include <errand/adapters/pqxx.hpp>
#include <errand/errand.hpp>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/stored_row.hpp"
#include "jobs/job_json.hpp"

namespace errand {
namespace {

using errand::testing::PostgresSession;
using errand::testing::stored_row;
using errand::testing::TemporaryPostgres;

JobRegistry make_jobs() {
  JobRegistry jobs;
  jobs.add("work", [](JobContext&, const Json&) {});
  return jobs;
}

Config config_for(const std::string& url) {
  Config config;
  config.database_url = url;
  config.log_level = LogLevel::error;
  return config;
}

std::string quoted(const std::string& text) {
  std::string literal = "'";
  for (const char letter : text)
    literal += letter == '\'' ? std::string{"''"} : std::string{letter};
  return literal + "'";
}

class Alike : public ::testing::TestWithParam<std::string> {
 protected:
  std::string with_names(const std::string& fields) const {
    return R"({"tag":"t","type":"work")" + (fields.empty() ? "}" : "," + fields + "}");
  }

  Json row_after(const std::function<void(const std::string& json)>& submit) {
    session_.run("DELETE FROM worker_jobs");
    submit(with_names(GetParam()));
    return stored_row(session_);
  }

  [[nodiscard]] static NewJob parsed(const std::string& json) {
    return new_job_from_json(Json::parse(json));
  }

  TemporaryPostgres database_{};
  PostgresSession session_{database_.url()};
  ServerApp app_{config_for(database_.url()), make_jobs()};
  WorkerManager& manager_{app_.worker_manager()};
};

class AcceptedAlike : public Alike {};

TEST_P(AcceptedAlike, ThroughEveryDoor) {
  const Json expected =
      row_after([&](const std::string& json) { manager_.submit_job(parsed(json)); });
  EXPECT_EQ(expected.at("type"), "work");
  EXPECT_EQ(expected.at("created now"), true);

  EXPECT_EQ(row_after([&](const std::string& json) {
              PostgresSession lent{database_.url()};
              lent.run("BEGIN");
              manager_.submit_job(BorrowedTransaction{*lent.handle()}, parsed(json));
              lent.run("COMMIT");
            }),
            expected);
  EXPECT_EQ(row_after([&](const std::string& json) {
              pqxx::connection connection{database_.url()};
              pqxx::work work{connection};
              manager_.submit_job(borrow(work), parsed(json));
              work.commit();
            }),
            expected);
  EXPECT_EQ(row_after([&](const std::string& json) {
              session_.run("SELECT errand_submit_job(" + quoted(json) + ")");
            }),
            expected);
  session_.run(
      "CREATE TABLE wishes (job json);"
      "CREATE FUNCTION grant_wish() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM errand_submit_job(new.job); RETURN new; END $$;"
      "CREATE TRIGGER grant_wish AFTER INSERT ON wishes FOR EACH ROW "
      "EXECUTE FUNCTION grant_wish()");
  EXPECT_EQ(row_after([&](const std::string& json) {
              session_.run("INSERT INTO wishes VALUES (" + quoted(json) + ")");
            }),
            expected);
}

INSTANTIATE_TEST_SUITE_P(
    Jobs,
    AcceptedAlike,
    ::testing::Values(
        "",
        R"("userId":42,"queue":"mail.fast","priority":-7,"persistent":true,"timeout":"90s")",
        R"("data":{"text":"Grüße 🦀 \"it's\" \\ \n","list":[1,-2.5,1e3,true,null,{}],"big":9007199254740991})",
        R"("data":[1,2,3],"meta":{"a":{"b":[]}})",
        R"("data":null,"meta":null,"due":"")",
        R"("data":"text only","removeDelay":"7d","uniqueKey":"u","concurrencyKey":"c")",
        R"("due":"250ms","removeDelay":0)",
        R"("due":"2030-01-29T05:08:33.123456+02:00")",
        R"("retry":{})",
        R"("retry":{"first":"5s","factor":1.5,"longest":60000,"jitter":0.25,"maxAttempts":3})",
        R"("retry":{"first":"5s","factor":1,"longest":"5s","jitter":0,"maxAttempts":0})",
        R"("retry":{"maxAttempts":1})",
        R"("autoRescheduleOnFailure":true)",
        R"("autoRescheduleOnFailure":true,"autoRescheduleOnFailureDelay":2500)",
        R"("onPendingTag":"keep")",
        R"("onPendingTag":"replace")",
        R"("cronSchedule":"0 0 3 * * *","due":"2030-01-01T03:00:00Z")",
        R"("cronSchedule":"@hourly","timezone":"Europe/Berlin","due":"2030-01-01T03:00:00Z")"));

/// The field that a refusal names; the server tells it as the error's column.
std::string field_refused_by_sql(PostgresSession& session, const std::string& json) {
  const std::string sql = "SELECT errand_submit_job(" + quoted(json) + ")";
  const std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(session.handle(), sql.c_str()),
                                                             &PQclear};
  const char* field = PQresultErrorField(result.get(), PG_DIAG_COLUMN_NAME);
  return field != nullptr ? field : std::string{"none; "} + PQresultErrorMessage(result.get());
}

class RefusedAlike : public Alike {
 protected:
  std::string field_refused_by_program(const std::string& json) {
    try {
      manager_.submit_job(parsed(json));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid) << error.what();
      return error.field();
    }
    return "none";
  }
};

TEST_P(RefusedAlike, NamingTheSameField) {
  const std::string json = with_names(GetParam());
  const std::string field = field_refused_by_program(json);
  EXPECT_NE(field, "none") << json;
  EXPECT_EQ(field_refused_by_sql(session_, json), field) << json;
  EXPECT_EQ(session_.run("SELECT count(*) FROM worker_jobs"), "0");
}

INSTANTIATE_TEST_SUITE_P(Jobs,
                         RefusedAlike,
                         ::testing::Values(R"("queue":"two words")",
                                           R"("queue":7)",
                                           R"("priority":1.5)",
                                           R"("priority":3000000000)",
                                           R"("userId":"42")",
                                           R"("due":"tomorrow")",
                                           R"("due":"2030-02-30T00:00:00Z")",
                                           R"("due":"200000d")",
                                           R"("timeout":"-1s")",
                                           R"("timeout":"200000d")",
                                           R"("removeDelay":true)",
                                           R"("retry":{"factor":0.5})",
                                           R"("retry":{"jitter":2})",
                                           R"("retry":{"maxAttempts":-1})",
                                           R"("retry":{"tries":3})",
                                           R"("retry":"often")",
                                           R"("retry":{},"autoRescheduleOnFailure":true)",
                                           R"("onPendingTag":"perhaps")",
                                           R"("meta":[1])",
                                           R"("data":{"n":9007199254740993})",
                                           R"("timezone":"Europe/Berlin")",
                                           R"("persistent":"yes")",
                                           R"("colour":"red")",
                                           R"("uniqueKey":7)"));

}  // namespace
}  // namespace errand
