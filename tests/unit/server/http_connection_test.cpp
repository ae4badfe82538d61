#include <sys/resource.h>
#include <unistd.h>

#include "running_server.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

const std::string get_livez = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string submission_head(std::size_t length) {
  return "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + admin_token +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(length) + "\r\n";
}

/// A submission of exactly this many bytes.
std::string job_of_size(std::size_t size) {
  const std::string begin = R"({"tag":"t","type":"known","data":{"a":")";
  return begin + std::string(size - begin.size() - 3, 'a') + "\"}}";
}

TEST(HttpConnection, AnswersManyRequestsOneAfterAnother) {
  RunningServer server;
  HttpClient client{server.server->port()};
  for (int at = 0; at < 100; ++at)
    EXPECT_EQ(client.request("GET", "/api/v1/jobs", admin_token).status, 200);
}

TEST(HttpConnection, AnswersPipelinedRequestsInOrder) {
  RunningServer server;
  HttpClient client{server.server->port()};
  client.send(get_livez + "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" + get_livez);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.read().status, 404);
  EXPECT_EQ(client.read().status, 200);
}

TEST(HttpConnection, StaysOpenAfterARefusalWithoutBody) {
  RunningServer server;
  HttpClient client{server.server->port()};
  EXPECT_EQ(client.request("GET", "/api/v1/jobs").status, 401);
  EXPECT_EQ(client.request("GET", "/livez").status, 200);
}

TEST(HttpConnection, ClosesAfterARefusalWhoseBodyItDidNotRead) {
  RunningServer server;
  HttpClient client{server.server->port()};
  EXPECT_EQ(client.request("POST", "/api/v1/jobs", {}, get_livez).status, 401);
  EXPECT_TRUE(client.closed());
}

TEST(HttpConnection, ClosesWhenAskedToAndForHttp10) {
  RunningServer server;
  HttpClient asked{server.server->port()};
  EXPECT_EQ(asked.request("GET", "/livez", {}, {}, "Connection: close\r\n").header("connection"),
            "close");
  EXPECT_TRUE(asked.closed());
  HttpClient old{server.server->port()};
  old.send("GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(old.read().status, 200);
  EXPECT_TRUE(old.closed());
}

TEST(HttpConnection, TakesAJobOfOneMebibyteAndNotMore) {
  RunningServer server;
  EXPECT_EQ(server.request("POST", "/api/v1/jobs", admin_token, job_of_size(1 << 20)).status, 201);
  EXPECT_EQ(server.request("POST", "/api/v1/jobs", admin_token, job_of_size((1 << 20) + 1)).status,
            413);
}

TEST(HttpConnection, TakesAnArrayOfManyMebibytes) {
  RunningServer server;
  const std::string job = job_of_size(1000 * 1000);
  std::string array = "[" + job;
  for (int at = 0; at < 4; ++at)
    array += "," + job;
  EXPECT_EQ(server.request("POST", "/api/v1/jobs", admin_token, array + "]").status, 201);
}

TEST(HttpConnection, RefusesABodyOver32MebibytesBeforeItComes) {
  RunningServer server;
  HttpClient client{server.server->port()};
  client.send(submission_head((32U << 20U) + 1) + "\r\n");
  EXPECT_EQ(client.read().status, 413);
}

TEST(HttpConnection, RefusesAChunkedBodyThatGrowsTooLong) {
  RunningServer server;
  HttpClient client{server.server->port()};
  client.send("POST /api/v1/jobs/1/cancel HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
              admin_token +
              "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" +
              std::string(65537, ' '));
  EXPECT_EQ(client.read().status, 413);
}

TEST(HttpConnection, RefusesTogetherWhatWouldNotFitIntoMemory) {
  RunningServer server;
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int at = 0; at < 4; ++at) {
    clients.push_back(std::make_unique<HttpClient>(server.server->port()));
    clients.back()->send(submission_head(32U << 20U) + "Expect: 100-continue\r\n\r\n");
  }
  for (const auto& client : clients)
    EXPECT_TRUE(client->invited());
  HttpClient one_too_many{server.server->port()};
  one_too_many.send(submission_head(1) + "\r\n");
  EXPECT_EQ(one_too_many.read().status, 503);
}

TEST(HttpConnection, InvitesABodyThatWaitsForIt) {
  RunningServer server;
  const std::string job = job_of_size(100);
  HttpClient client{server.server->port()};
  client.send(submission_head(job.size()) + "Expect: 100-continue\r\n\r\n");
  client.send(job);
  EXPECT_EQ(client.read().status, 201);
}

TEST(HttpConnection, EndsAHeadThatDoesNotArrive) {
  WebServerOptions options;
  options.times.head = 50ms;
  RunningServer server{options};
  HttpClient silent{server.server->port()};
  EXPECT_TRUE(silent.closed());
  HttpClient slow{server.server->port()};
  slow.send("GET / HTTP/1.1\r\nHost:");
  EXPECT_TRUE(slow.closed());
}

TEST(HttpConnection, EndsABodyThatDrips) {
  WebServerOptions options;
  options.times.body_grace = 50ms;
  RunningServer server{options};
  HttpClient client{server.server->port()};
  client.send(submission_head(100) + "\r\n{");
  EXPECT_TRUE(client.closed());
}

TEST(HttpConnection, EndsAnIdleConnection) {
  WebServerOptions options;
  options.times.keep_alive = 50ms;
  RunningServer server{options};
  HttpClient client{server.server->port()};
  EXPECT_EQ(client.request("GET", "/livez").status, 200);
  EXPECT_TRUE(client.closed());
}

/// A backend whose answers wait until the test lets them through.
class Gate {
 public:
  void wait() {
    std::unique_lock lock{mutex_};
    waiting_ += 1;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }

  void until_waiting() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }

  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_{};
  std::condition_variable changed_{};
  int waiting_{0};
  bool open_{false};
};

TEST(HttpConnection, AnswersFromMemoryWhileTheDatabaseHangs) {
  WebServerOptions options;
  options.times.request = 100ms;
  Gate gate;  // outlives the server's threads, which wait at it
  RunningServer server{options};
  server.jobs.before_list = [&gate] {
    gate.wait();
  };
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int at = 0; at < 4; ++at) {
    clients.push_back(std::make_unique<HttpClient>(server.server->port()));
    clients.back()->send("GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                         admin_token + "\r\n\r\n");
  }
  gate.until_waiting();
  EXPECT_EQ(server.request("GET", "/livez").status, 200);
  EXPECT_EQ(server.request("GET", "/api/v1/types", admin_token).status, 200);
  for (const auto& client : clients) {
    const HttpReply reply = client->read();
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.json()["error"]["code"], "timed_out");
  }
  gate.open();
}

TEST(HttpConnection, LetsARunningRequestEndWhenItStops) {
  Gate gate;
  RunningServer server;
  server.jobs.before_list = [&gate] {
    gate.wait();
  };
  HttpClient busy{server.server->port()};
  HttpClient idle{server.server->port()};
  EXPECT_EQ(idle.request("GET", "/livez").status, 200);
  busy.send("GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + admin_token +
            "\r\n\r\n");
  gate.until_waiting();
  std::thread stopping{[&server] {
    server.server->stop();
  }};
  EXPECT_TRUE(idle.closed());
  gate.open();
  const HttpReply reply = busy.read();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("connection"), "close");
  stopping.join();
  EXPECT_THROW(HttpClient{server.server->port()}, std::runtime_error);
}

TEST(HttpConnection, CanBeStoppedTwiceAndFromItsOwnThread) {
  RunningServer server;
  std::promise<void> stopped;
  boost::asio::post(server.loop, [&] {
    server.server->stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
  server.server->stop();
}

TEST(HttpConnection, SaysWhyItCannotListen) {
  RunningServer server;
  WebServerOptions options;
  options.port = server.server->port();
  try {
    RunningServer second{options};
    FAIL() << "two servers listen on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_EQ(std::string{error.what()}.rfind(
                  "cannot listen on 127.0.0.1:" + std::to_string(options.port) + ": ", 0),
              0U)
        << error.what();
  }
}

TEST(HttpConnection, ServesOnWhenDescriptorsRunOut) {
  RunningServer server;
  HttpClient early{server.server->port()};
  EXPECT_EQ(early.request("GET", "/livez").status, 200);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  // Every descriptor that is free below the limit is used up; one is kept for the client.
  std::vector<int> used;
  rlimit low = before;
  low.rlim_cur = 64;
  ::setrlimit(RLIMIT_NOFILE, &low);
  auto waiting = std::make_unique<HttpClient>(server.server->port());
  EXPECT_EQ(waiting->request("GET", "/livez").status, 200);
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0))
    used.push_back(fd);
  ::close(used.back());
  used.pop_back();
  HttpClient late{server.server->port()};
  late.send(get_livez);
  while (server.lines->text().find("cannot accept connections") == std::string::npos)
    std::this_thread::yield();
  EXPECT_EQ(early.request("GET", "/livez").status, 200);
  for (const int fd : used)
    ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(late.read().status, 200);
}

TEST(HttpConnection, SurvivesClientsThatComeAndGo) {
  RunningServer server;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&server, thread] {
      for (int at = 0; at < 50; ++at) {
        HttpClient client{server.server->port()};
        if ((at + thread) % 3 == 0)
          client.send("GET /api/v1/jobs HT");
        else if ((at + thread) % 3 == 1)
          client.send("GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                      admin_token + "\r\n\r\n");
        else
          EXPECT_EQ(client.request("GET", "/api/v1/jobs", admin_token).status, 200);
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(server.request("GET", "/livez").status, 200);
}

}  // namespace
}  // namespace errand::testing
