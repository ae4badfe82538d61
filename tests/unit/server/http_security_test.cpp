#include "request_corpus.hpp"
#include "running_server.hpp"

namespace errand::testing {
namespace {

struct Place {
  std::string method{};
  std::string path{};
};

const std::vector<Place> operator_places{{"GET", "/api/v1/jobs"},
                                         {"POST", "/api/v1/jobs"},
                                         {"GET", "/api/v1/jobs/1"},
                                         {"GET", "/api/v1/jobs/1/attempts"},
                                         {"GET", "/api/v1/jobs/1/wait"},
                                         {"POST", "/api/v1/jobs/1/retry"},
                                         {"POST", "/api/v1/jobs/1/cancel"},
                                         {"DELETE", "/api/v1/jobs/1"},
                                         {"GET", "/api/v1/workers"},
                                         {"GET", "/api/v1/crons"},
                                         {"GET", "/api/v1/types"},
                                         {"GET", "/api/v1/stats"}};

const std::vector<Place> user_places{{"GET", "/api/v1/notifications"},
                                     {"POST", "/api/v1/notifications/1/read"},
                                     {"POST", "/api/v1/notifications/read-all"}};

const std::vector<std::string> open_paths{"/livez", "/readyz", "/", "/errand.css", "/errand.js"};

TEST(HttpSecurity, AnswersNothingButHealthAndPageWithoutAToken) {
  RunningServer server;
  std::vector<Place> places = operator_places;
  places.insert(places.end(), user_places.begin(), user_places.end());
  for (const Place& place : places) {
    for (const std::string& token : {std::string{}, std::string{"wrong"}, std::string{"a.b.c"}}) {
      const HttpReply reply = server.request(place.method, place.path, token);
      EXPECT_EQ(reply.status, 401) << place.method << " " << place.path << " " << token;
      EXPECT_EQ(reply.header("www-authenticate"), "Bearer");
    }
  }
  for (const std::string& path : open_paths)
    EXPECT_EQ(server.request("GET", path).status, 200) << path;
}

TEST(HttpSecurity, KeepsUsersOutOfTheOperatorsRoutes) {
  RunningServer server;
  for (const Place& place : operator_places)
    EXPECT_EQ(server.request(place.method, place.path, token_of(42)).status, 403)
        << place.method << " " << place.path;
}

TEST(HttpSecurity, LetsTheOperatorThroughEverywhere) {
  RunningServer server;
  for (const Place& place : operator_places) {
    const int status =
        server
            .request(place.method,
                     place.path + (place.path.ends_with("wait") ? "?timeout=0s" : ""),
                     admin_token)
            .status;
    EXPECT_TRUE(status != 401 && status != 403 && status != 405)
        << place.method << " " << place.path << " " << status;
  }
}

TEST(HttpSecurity, RefusesAnExpiredToken) {
  RunningServer server;
  const std::string expired = token_of(42, -std::chrono::hours{1});
  EXPECT_EQ(server.request("GET", "/api/v1/notifications", expired).status, 401);
}

TEST(HttpSecurity, TakesTheTokenFromNowhereElse) {
  RunningServer server;
  EXPECT_EQ(server.request("GET", "/api/v1/jobs?token=" + admin_token).status, 401);
  EXPECT_EQ(server.request("GET", "/api/v1/jobs?access_token=" + admin_token).status, 401);
  EXPECT_EQ(
      server.request("GET", "/api/v1/jobs", {}, {}, "Cookie: token=" + admin_token + "\r\n").status,
      401);
  EXPECT_EQ(
      server.request("GET", "/api/v1/jobs", {}, {}, "Authorization: Basic " + admin_token + "\r\n")
          .status,
      401);
}

TEST(HttpSecurity, HidesWhichPathsExist) {
  RunningServer server;
  EXPECT_EQ(server.request("GET", "/api/v1/nothing").status, 401);
  EXPECT_EQ(server.request("PATCH", "/api/v1/jobs").status, 401);
  EXPECT_EQ(server.request("GET", "/api/v1/nothing", admin_token).status, 404);
  EXPECT_EQ(server.request("GET", "/nothing").status, 404);
}

TEST(HttpSecurity, HasNoOtherMethods) {
  RunningServer server;
  for (const char* method :
       {"PUT", "PATCH", "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "get", "FOO"}) {
    const HttpReply reply = server.request(method, "/api/v1/jobs", admin_token);
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(reply.header("allow"), "POST, GET, HEAD") << method;
  }
  for (const char* path : {"/", "/livez", "/ws"})
    EXPECT_EQ(server.request("POST", path).status, 405) << path;
}

TEST(HttpSecurity, IgnoresMethodOverrides) {
  RunningServer server;
  for (const char* name : {"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"})
    EXPECT_EQ(
        server.request("GET", "/api/v1/jobs", admin_token, {}, std::string{name} + ": DELETE\r\n")
            .status,
        200);
}

TEST(HttpSecurity, HeadHasTheRightsAndTheLengthOfGet) {
  RunningServer server;
  EXPECT_EQ(server.request("HEAD", "/api/v1/jobs").status, 401);
  const HttpReply head = server.request("HEAD", "/", {});
  const HttpReply get = server.request("GET", "/", {});
  EXPECT_EQ(head.header("content-length"), std::to_string(get.body.size()));
}

TEST(HttpSecurity, PutsTheSecurityHeadersOnEveryAnswer) {
  RunningServer server;
  for (const HttpReply& reply : {server.request("GET", "/"),
                                 server.request("GET", "/errand.js"),
                                 server.request("GET", "/livez"),
                                 server.request("GET", "/nothing"),
                                 server.request("GET", "/api/v1/jobs"),
                                 server.request("GET", "/api/v1/jobs", admin_token),
                                 server.request("GET", "/", {}, {}, "Content-Length: x\r\n"),
                                 server.request("GET", "/ws")}) {
    EXPECT_NE(reply.header("content-security-policy").find("default-src 'none'"),
              std::string::npos);
    EXPECT_EQ(reply.header("content-security-policy").find("unsafe"), std::string::npos);
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply.header("referrer-policy"), "no-referrer");
    EXPECT_EQ(reply.header("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(reply.header("cross-origin-resource-policy"), "same-origin");
    EXPECT_EQ(reply.header("access-control-allow-origin"), "");
  }
  EXPECT_EQ(server.request("GET", "/api/v1/jobs", admin_token).header("cache-control"), "no-store");
}

TEST(HttpSecurity, ThePageHasNothingInline) {
  RunningServer server;
  const std::string page = server.request("GET", "/").body;
  for (const char* inline_code :
       {"<style", " style=", " onclick", " onload", "javascript:", "http://", "https://"})
    EXPECT_EQ(page.find(inline_code), std::string::npos) << inline_code;
  const std::string script = server.request("GET", "/errand.js").body;
  for (const char* sink : {"innerHTML",
                           "outerHTML",
                           "insertAdjacentHTML",
                           "document.write",
                           "eval(",
                           "new Function",
                           "localStorage"})
    EXPECT_EQ(script.find(sink), std::string::npos) << sink;
}

TEST(HttpSecurity, RefusesForeignHostsOnLoopback) {
  RunningServer server;
  for (const char* host : {"evil.example", "localhost.evil.example", "10.0.0.1"}) {
    HttpClient client{server.server->port()};
    client.send(std::string{"GET / HTTP/1.1\r\nHost: "} + host + "\r\n\r\n");
    EXPECT_EQ(client.read().status, 403) << host;
  }
}

TEST(HttpSecurity, IgnoresWhatAProxyMightSay) {
  RunningServer server;
  EXPECT_EQ(server
                .request("GET",
                         "/api/v1/jobs",
                         {},
                         {},
                         "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: evil\r\nForwarded: "
                         "for=127.0.0.1\r\n")
                .status,
            401);
}

TEST(HttpSecurity, RefusesUnsafeRequestsOfOtherSites) {
  RunningServer server;
  for (const char* site : {"cross-site", "same-site", "nonsense"}) {
    const std::string field = std::string{"Sec-Fetch-Site: "} + site + "\r\n";
    EXPECT_EQ(server.request("POST", "/api/v1/jobs/1/cancel", admin_token, {}, field).status, 403)
        << site;
    EXPECT_EQ(server.request("DELETE", "/api/v1/jobs/1", admin_token, {}, field).status, 403)
        << site;
    EXPECT_EQ(server.request("GET", "/api/v1/jobs", admin_token, {}, field).status, 200) << site;
  }
  for (const char* site : {"same-origin", "none", "Same-Origin"})
    EXPECT_EQ(server
                  .request("POST",
                           "/api/v1/jobs/1/cancel",
                           admin_token,
                           {},
                           std::string{"Sec-Fetch-Site: "} + site + "\r\n")
                  .status,
              404)
        << site;
}

TEST(HttpSecurity, WantsJsonBodies) {
  RunningServer server;
  const std::string job = R"({"tag":"t","type":"known"})";
  for (const char* type : {"text/plain",
                           "application/x-www-form-urlencoded",
                           "multipart/form-data",
                           "application/json5",
                           "text/json",
                           "application/jsonx; a"})
    EXPECT_EQ(server
                  .request("POST",
                           "/api/v1/jobs",
                           admin_token,
                           job,
                           std::string{"Content-Type: "} + type + "\r\n")
                  .status,
              415)
        << type;
  for (const char* type :
       {"application/json", "Application/JSON; charset=utf-8", "application/json ;x"})
    EXPECT_EQ(server
                  .request("POST",
                           "/api/v1/jobs",
                           admin_token,
                           job,
                           std::string{"Content-Type: "} + type + "\r\n")
                  .status,
              201)
        << type;
  EXPECT_EQ(server
                .request("POST",
                         "/api/v1/jobs",
                         admin_token,
                         job,
                         "Content-Type: application/json\r\nContent-Encoding: gzip\r\n")
                .status,
            415);
  EXPECT_EQ(server.request("GET", "/api/v1/jobs", admin_token, job).status, 400);
}

TEST(HttpSecurity, AnswersEveryCaseOfTheCorpusOnTheWireAndClosesAfterABadOne) {
  RunningServer server;
  for (const RawCase& one : request_corpus()) {
    HttpClient client{server.server->port()};
    client.send(one.bytes);
    const HttpReply reply = client.read();
    EXPECT_EQ(reply.status, one.status) << one.name;
    if (one.status == 401)
      continue;
    EXPECT_EQ(reply.header("connection"), "close") << one.name;
    client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(client.closed()) << one.name;
  }
  EXPECT_EQ(server.request("GET", "/livez").status, 200);
}

TEST(HttpSecurity, RefusesBadChunksAndCloses) {
  WebServerOptions options;
  options.times.body_grace = std::chrono::milliseconds{200};
  RunningServer server{options};
  const std::string head =
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + admin_token +
      "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunks :
       {std::string{"0x2\r\n{}\r\n0\r\n\r\n"},
        std::string{"-2\r\n{}\r\n0\r\n\r\n"},
        std::string{"g\r\n{}\r\n0\r\n\r\n"},
        std::string{"2\r\n{}0\r\n\r\n0\r\n\r\n"},
        std::string{"2\r\n{}X\r\n0\r\n\r\n"},
        std::string{"fffffffffffffffff\r\n{}\r\n0\r\n\r\n"},
        std::string{"2;" + std::string(257, 'a') + "\r\n{}\r\n0\r\n\r\n"},
        std::string{"\r\n{}\r\n0\r\n\r\n"}}) {
    HttpClient client{server.server->port()};
    client.send(head + chunks);
    const HttpReply reply = client.read();
    EXPECT_TRUE(reply.status == 400 || reply.status == 413) << chunks << reply.status;
    EXPECT_EQ(reply.header("connection"), "close") << chunks;
  }
  // Bare line feeds never end a chunk: the rest of it does not come.
  HttpClient bare{server.server->port()};
  bare.send(head + "2\n{}\n0\n\n");
  EXPECT_TRUE(bare.closed());
  HttpClient client{server.server->port()};
  const std::string job = R"({"tag":"t","type":"known"})";
  client.send(head + "5\r\n" + job.substr(0, 5) + "\r\n15\r\n" + job.substr(5) + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().status, 201);
}

}  // namespace
}  // namespace errand::testing
