#include "running_server.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

const std::string one_job = R"({"tag":"t","type":"known","userId":42,"data":{"a":1}})";

class HttpApi : public ::testing::Test {
 protected:
  HttpReply get(const std::string& path) {
    return server_.request("GET", "/api/v1" + path, admin_token);
  }

  HttpReply post(const std::string& path,
                 const std::string& body = {},
                 const std::string& headers = {}) {
    return server_.request("POST", "/api/v1" + path, admin_token, body, headers);
  }

  JobId submitted() { return post("/jobs", one_job).json().at("id").get<JobId>(); }

  static std::string field_of(const HttpReply& reply) {
    return reply.json().at("error").value("field", "");
  }

  RunningServer server_{};
};

TEST_F(HttpApi, SubmitsOneJobAndSaysWhereItIs) {
  const HttpReply reply = post("/jobs", one_job);
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.header("location"), "/api/v1/jobs/1");
  EXPECT_EQ(reply.json()["tag"], "t");
  EXPECT_EQ(reply.json()["userId"], 42);
  EXPECT_EQ(get(reply.header("location").substr(7)).json()["data"], Json({{"a", 1}}));
}

TEST_F(HttpApi, SubmitsManyJobsOrNone) {
  EXPECT_EQ(post("/jobs", "[" + one_job + "," + one_job + "]").json(), Json({{"ids", {1, 2}}}));
  const HttpReply reply = post("/jobs", "[" + one_job + R"(,{"tag":"t","type":"other"}])");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(get("/jobs").json()["jobs"].size(), 2U);
}

TEST_F(HttpApi, AnswersAnUnknownTypeWith422AndTheKnownOnes) {
  const HttpReply reply = post("/jobs", R"({"tag":"t","type":"other"})");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json()["error"]["code"], "unknown_type");
  EXPECT_NE(reply.json()["error"]["message"].get<std::string>().find("known"), std::string::npos);
}

TEST_F(HttpApi, NamesTheFieldOfABadSubmission) {
  EXPECT_EQ(field_of(post("/jobs", R"({"tag":5,"type":"known"})")), "tag");
  EXPECT_EQ(field_of(post("/jobs", R"({"tag":"t","type":"known","dew":1})")), "dew");
  EXPECT_EQ(field_of(post("/jobs", "{")), "body");
  EXPECT_EQ(post("/jobs").status, 400);
}

TEST_F(HttpApi, RepeatsTheFirstAnswerForAnIdempotencyKey) {
  const std::string key = "Idempotency-Key: abc\r\n";
  const HttpReply first = post("/jobs", one_job, key);
  const HttpReply again = post("/jobs", one_job, key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.json(), first.json());
  EXPECT_EQ(again.header("location"), first.header("location"));
  EXPECT_EQ(first.header("idempotency-replayed"), "");
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_NE(post("/jobs", one_job, "Idempotency-Key: abd\r\n").json()["id"], first.json()["id"]);
}

TEST_F(HttpApi, RepeatsTheFirstAnswerForAnArrayToo) {
  const std::string key = "Idempotency-Key: abc\r\n";
  const std::string two = "[" + one_job + "," + one_job + "]";
  EXPECT_EQ(post("/jobs", two, key).json(), Json({{"ids", {1, 2}}}));
  EXPECT_EQ(post("/jobs", two, key).json(), Json({{"ids", {1, 2}}}));
}

TEST_F(HttpApi, RefusesABadIdempotencyKey) {
  for (const std::string& key :
       {std::string{""}, std::string{"a b"}, std::string(256, 'a'), std::string{"\xC3\xA4"}}) {
    const HttpReply reply = post("/jobs", one_job, "Idempotency-Key: " + key + "\r\n");
    EXPECT_EQ(reply.status, 400) << key;
    EXPECT_EQ(field_of(reply), "Idempotency-Key") << key;
  }
}

TEST_F(HttpApi, ListsWithEveryFilter) {
  const HttpReply reply =
      get("/jobs?state=failed&type=a&tag=b&queue=c&userId=42&q=text&cursor=9&limit=1000");
  EXPECT_EQ(reply.status, 200);
  const JobFilter filter = server_.jobs.last_filter();
  EXPECT_EQ(filter.state, JobState::failed);
  EXPECT_EQ(filter.type, "a");
  EXPECT_EQ(filter.tag, "b");
  EXPECT_EQ(filter.queue, "c");
  EXPECT_EQ(filter.user_id, 42);
  EXPECT_EQ(filter.text, "text");
  EXPECT_EQ(filter.before, 9);
  EXPECT_EQ(filter.limit, 1000);
}

TEST_F(HttpApi, PagesNewestFirst) {
  post("/jobs", "[" + one_job + "," + one_job + "," + one_job + "]");
  const Json first = get("/jobs?limit=2").json();
  EXPECT_EQ(first["jobs"][0]["id"], 3);
  EXPECT_EQ(first["next"], 2);
  const Json second = get("/jobs?limit=2&cursor=2").json();
  EXPECT_EQ(second["jobs"].size(), 1U);
  EXPECT_EQ(second["next"], nullptr);
}

TEST_F(HttpApi, NamesTheBadQueryParameter) {
  for (const char* query : {"limit=0",
                            "limit=1001",
                            "limit=-1",
                            "limit=x",
                            "limit=1.5",
                            "limit=",
                            "limit=99999999999999999999",
                            "cursor=0",
                            "cursor=x",
                            "userId=-1",
                            "userId=a",
                            "state=running",
                            "stat=failed",
                            "offset=1"}) {
    const HttpReply reply = get(std::string{"/jobs?"} + query);
    EXPECT_EQ(reply.status, 400) << query;
    EXPECT_EQ(field_of(reply), std::string{query}.substr(0, std::string{query}.find('='))) << query;
  }
}

TEST_F(HttpApi, RefusesQueryParametersWhereThereAreNone) {
  for (const char* path : {"/jobs/1", "/workers", "/crons", "/types", "/stats"})
    EXPECT_EQ(get(std::string{path} + "?x=1").status, 400) << path;
}

TEST_F(HttpApi, ShowsOneJobAndItsAttempts) {
  const std::string id = std::to_string(submitted());
  EXPECT_EQ(get("/jobs/" + id).json()["type"], "known");
  EXPECT_EQ(get("/jobs/" + id + "/attempts").json()["jobs"].size(), 1U);
}

TEST_F(HttpApi, HasNothingUnderForeignIds) {
  for (const char* id : {"99", "0", "-1", "x", "1x", "99999999999999999999", "1%20", "%31%32"}) {
    EXPECT_EQ(get(std::string{"/jobs/"} + id).status, 404) << id;
    EXPECT_EQ(get(std::string{"/jobs/"} + id + "/attempts").status, 404) << id;
    EXPECT_EQ(get(std::string{"/jobs/"} + id + "/wait").status, 404) << id;
    EXPECT_EQ(post(std::string{"/jobs/"} + id + "/retry").status, 404) << id;
    EXPECT_EQ(post(std::string{"/jobs/"} + id + "/cancel").status, 404) << id;
  }
}

TEST_F(HttpApi, CancelsRetriesAndDeletes) {
  const std::string id = std::to_string(submitted());
  EXPECT_EQ(post("/jobs/" + id + "/retry").status, 409);
  EXPECT_EQ(post("/jobs/" + id + "/cancel").json()["state"], "cancelled");
  EXPECT_EQ(post("/jobs/" + id + "/cancel").status, 409);
  const HttpReply again = post("/jobs/" + id + "/retry");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.header("location"), "/api/v1/jobs/2");
  const HttpReply gone = server_.request("DELETE", "/api/v1/jobs/" + id, admin_token);
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(get("/jobs/" + id).status, 404);
}

TEST_F(HttpApi, WaitsUntilTheJobHasFinished) {
  const JobId id = submitted();
  HttpClient client{server_.server->port()};
  client.send("GET /api/v1/jobs/" + std::to_string(id) +
              "/wait?timeout=10s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
              admin_token + "\r\n\r\n");
  while (server_.jobs.questions < 2)
    std::this_thread::yield();
  server_.jobs.finish(id);
  const HttpReply reply = client.read();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json()["state"], "succeeded");
}

TEST_F(HttpApi, SaysHowTheJobStandsWhenWaitingWasNotLongEnough) {
  const JobId id = submitted();
  const HttpReply reply = get("/jobs/" + std::to_string(id) + "/wait?timeout=30ms");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.json()["state"], "scheduled");
}

TEST_F(HttpApi, RefusesABadWaitingTime) {
  for (const char* timeout : {"x", "-1s", "6m", "", "1e9"}) {
    const HttpReply reply = get(std::string{"/jobs/1/wait?timeout="} + timeout);
    EXPECT_EQ(reply.status, 400) << timeout;
    EXPECT_EQ(field_of(reply), "timeout") << timeout;
  }
}

TEST_F(HttpApi, AnswersOthersWhileManyWait) {
  const std::string id = std::to_string(submitted());
  std::vector<std::unique_ptr<HttpClient>> waiting;
  for (int at = 0; at < 50; ++at) {
    waiting.push_back(std::make_unique<HttpClient>(server_.server->port()));
    waiting.back()->send("GET /api/v1/jobs/" + id +
                         "/wait HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                         admin_token + "\r\n\r\n");
  }
  while (server_.jobs.questions < 50)
    std::this_thread::yield();
  EXPECT_EQ(get("/jobs/" + id).status, 200);
  server_.jobs.finish(1);
  for (const auto& client : waiting)
    EXPECT_EQ(client->read().status, 200);
}

TEST_F(HttpApi, ShowsWorkersCronsTypesAndStatistics) {
  EXPECT_EQ(get("/workers").json()["workers"][0]["node"], "node");
  EXPECT_EQ(get("/crons").json()["crons"][0]["tag"], "nightly");
  EXPECT_EQ(get("/types").json()["types"][0]["name"], "known");
  submitted();
  EXPECT_EQ(get("/stats").json()["jobs"]["scheduled"]["count"], 1);
  EXPECT_EQ(get("/stats").json()["workers"]["slots"], 1);
}

TEST_F(HttpApi, IsUnavailableWhileTheDatabaseIsAway) {
  server_.jobs.fault.away = true;
  for (const char* path : {"/jobs", "/jobs/1", "/jobs/1/wait", "/workers", "/crons", "/stats"}) {
    const HttpReply reply = get(path);
    EXPECT_EQ(reply.status, 503) << path;
    EXPECT_EQ(reply.header("retry-after"), "1") << path;
    EXPECT_EQ(reply.json()["error"]["code"], "unavailable") << path;
  }
  EXPECT_EQ(post("/jobs", one_job).status, 503);
  EXPECT_EQ(server_.request("GET", "/livez").status, 200);
  const HttpReply ready = server_.request("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.json()["error"]["message"], "the database is away");
  server_.jobs.fault.away = false;
  EXPECT_EQ(server_.request("GET", "/readyz").status, 200);
}

TEST_F(HttpApi, SurvivesAnExceptionInEveryRouteAndTellsOnlyAnId) {
  server_.jobs.fault.broken = true;
  for (const char* path :
       {"/jobs", "/jobs/1", "/jobs/1/wait", "/jobs/1/attempts", "/workers", "/crons", "/stats"}) {
    const HttpReply reply = get(path);
    EXPECT_EQ(reply.status, 500) << path;
    EXPECT_EQ(reply.body.find("secret"), std::string::npos) << path;
    const std::string message = reply.json()["error"]["message"];
    const std::string id = message.substr(message.rfind(' ') + 1);
    EXPECT_NE(server_.lines->text().find(id), std::string::npos) << path;
  }
  EXPECT_NE(server_.lines->text().find("secret detail"), std::string::npos);
  EXPECT_EQ(post("/jobs", one_job).status, 500);
}

}  // namespace
}  // namespace errand::testing
