#include "store/postgresql/postgres_feed.hpp"

#include <condition_variable>
#include <csignal>

#include <gmock/gmock.h>

#include "helpers/captured_log.hpp"
#include "helpers/pgbouncer.hpp"
#include "helpers/postgres_cluster.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::CapturedLog;
using errand::testing::PgBouncer;
using errand::testing::PostgresCluster;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;

constexpr auto patience = 15s;

const Json wake{{"type", "wake"}};

Json message(const std::string& text) {
  return {{"type", "broadcast"}, {"message", text}};
}

/// One node's end of the feed, and what it heard.
class Node {
 public:
  explicit Node(const std::string& url, PostgresFeedTimes times = {})
      : feed_{PostgresUrl{url}, times} {}

  void listen() {
    feed_.start({[this](const Json& event) {
                   const std::lock_guard lock{mutex_};
                   heard_.push_back(event);
                   changed_.notify_all();
                 },
                 [this] {
                   const std::lock_guard lock{mutex_};
                   ++gaps_;
                   changed_.notify_all();
                 },
                 Log{log_, LogLevel::debug}});
  }

  bool hears(const Json& event) {
    return wait([&] { return std::count(heard_.begin(), heard_.end(), event) > 0; });
  }

  bool has_gaps(int count) {
    return wait([&] { return gaps_ >= count; });
  }

  [[nodiscard]] std::vector<Json> heard() {
    const std::lock_guard lock{mutex_};
    return heard_;
  }

  [[nodiscard]] int gaps() {
    const std::lock_guard lock{mutex_};
    return gaps_;
  }

  PostgresFeed& feed() { return feed_; }

  [[nodiscard]] const CapturedLog& log() const { return *log_; }

 private:
  bool wait(const std::function<bool()>& condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, condition);
  }

  std::shared_ptr<CapturedLog> log_ = std::make_shared<CapturedLog>();
  std::mutex mutex_{};
  std::condition_variable changed_{};
  std::vector<Json> heard_{};
  int gaps_{0};
  PostgresFeed feed_;
};

class PostgresFeedTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { cluster_ = std::make_unique<PostgresCluster>(); }

  static void TearDownTestSuite() { cluster_.reset(); }

  static std::string url() { return cluster_->url(); }

  static std::string run(const std::string& sql) { return PostgresSession{url()}.run(sql); }

  static std::string listeners() {
    return "pg_stat_activity WHERE query LIKE 'LISTEN%' OR query LIKE '%pg_notify%' AND pid <> "
           "pg_backend_pid()";
  }

  inline static std::unique_ptr<PostgresCluster> cluster_{};
};

TEST_F(PostgresFeedTest, WhatOneNodePublishesTheOthersHearAndItselfDoesNot) {
  Node one{url()};
  Node other{url()};
  one.listen();
  other.listen();
  ASSERT_TRUE(one.has_gaps(1) && other.has_gaps(1)) << "listening begins with a look at the rows";
  one.feed().publish(message("to the other"));
  other.feed().publish(message("to the one"));
  EXPECT_TRUE(other.hears(message("to the other")));
  EXPECT_TRUE(one.hears(message("to the one")));
  EXPECT_EQ(one.heard().size(), 1U);
  EXPECT_EQ(one.feed().status(), "listening");
}

TEST_F(PostgresFeedTest, AMessageOfHalfAMebibyteArrivesWhole) {
  Node one{url()};
  Node other{url()};
  other.listen();
  ASSERT_TRUE(other.has_gaps(1));
  const Json large = message(std::string(500'000, 'x') + "\u00e9\"\\");
  one.feed().publish(large);
  EXPECT_TRUE(other.hears(large));
}

TEST_F(PostgresFeedTest, AProgramThatOnlySubmitsSendsWhatItPublishedBeforeItLeaves) {
  Node other{url()};
  other.listen();
  ASSERT_TRUE(other.has_gaps(1));
  { Node(url()).feed().publish(wake); }
  EXPECT_TRUE(other.hears(wake));
}

TEST_F(PostgresFeedTest, ListensAlsoWhenItHasOnlySentBefore) {
  Node one{url()};
  Node other{url()};
  one.feed().publish(wake);
  one.listen();
  ASSERT_TRUE(one.has_gaps(1));
  other.feed().publish(wake);
  EXPECT_TRUE(one.hears(wake));
}

TEST_F(PostgresFeedTest, TellsNobodyAnyMoreOnceItIsStopped) {
  Node one{url()};
  Node other{url()};
  one.listen();
  other.listen();
  ASSERT_TRUE(one.has_gaps(1) && other.has_gaps(1));
  one.feed().stop();
  Node third{url()};
  third.feed().publish(wake);
  EXPECT_TRUE(other.hears(wake));
  EXPECT_TRUE(one.heard().empty());
}

TEST_F(PostgresFeedTest, ComesBackAndReportsAGapWhenItsSessionIsTerminated) {
  Node one{url()};
  Node other{url()};
  one.listen();
  ASSERT_TRUE(one.has_gaps(1));
  EXPECT_NE(run("SELECT count(pg_terminate_backend(pid)) FROM " + listeners()), "0");
  EXPECT_TRUE(one.has_gaps(2));
  other.feed().publish(wake);
  EXPECT_TRUE(one.hears(wake));
  EXPECT_TRUE(one.log().has("warn hints between nodes have stopped")) << one.log().all();
  EXPECT_TRUE(one.log().has("info hints between nodes travel again")) << one.log().all();
}

TEST_F(PostgresFeedTest, ComesBackAfterTheServerWasAway) {
  Node one{url()};
  Node other{url()};
  one.listen();
  other.listen();
  ASSERT_TRUE(one.has_gaps(1) && other.has_gaps(1));
  cluster_->stop(SIGINT);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!one.feed().status().starts_with("away") && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(one.feed().status().starts_with("away for")) << one.feed().status();
  other.feed().publish(message("published while nobody could hear"));
  cluster_->start();
  EXPECT_TRUE(one.has_gaps(2));
  EXPECT_TRUE(other.has_gaps(2));
  other.feed().publish(wake);
  EXPECT_TRUE(one.hears(wake));
  const std::string lines = one.log().all();
  EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
}

TEST_F(PostgresFeedTest, NoticesAServerThatDoesNotAnswerByItsOwnTest) {
  Node one{url(), {.self_test = 100ms, .answer = 300ms}};
  one.listen();
  ASSERT_TRUE(one.has_gaps(1));
  const pid_t backend = std::stoi(run("SELECT pid FROM " + listeners() + " LIMIT 1"));
  ASSERT_EQ(::kill(backend, SIGSTOP), 0);
  EXPECT_TRUE(one.has_gaps(2));
  ::kill(backend, SIGCONT);
  Node other{url()};
  other.feed().publish(wake);
  EXPECT_TRUE(one.hears(wake));
}

TEST_F(PostgresFeedTest, ItsOwnTestsSucceedWhileTheServerAnswers) {
  Node one{url(), {.self_test = 20ms, .answer = 5s}};
  Node other{url()};
  one.listen();
  other.listen();
  ASSERT_TRUE(one.has_gaps(1) && other.has_gaps(1));
  for (int each = 0; each < 30; ++each) {
    const Json event = message(std::to_string(each));
    other.feed().publish(event);
    ASSERT_TRUE(one.hears(event));
  }
  EXPECT_EQ(one.gaps(), 1);
  EXPECT_TRUE(other.heard().empty()) << "tests concern nobody else";
}

TEST_F(PostgresFeedTest, IgnoresGarbageAndHearsTheBareEventsOfOtherHands) {
  Node one{url()};
  one.listen();
  ASSERT_TRUE(one.has_gaps(1));
  for (const char* garbage :
       {"", "hello", "{", "[1,2]", R"({"from":7})", R"({"from":"x","events":7})"})
    run(std::string{"NOTIFY errand, '"} + garbage + "'");
  run(R"(NOTIFY errand, '{"type":"wake"}')");
  EXPECT_TRUE(one.hears(wake));
  EXPECT_EQ(one.heard().size(), 1U);
  EXPECT_EQ(one.gaps(), 1);
}

TEST_F(PostgresFeedTest, BehindATransactionPoolerItOnlySendsAndSaysSo) {
  const TemporaryPostgres database{TemporaryPostgres::Content::empty};
  Node pooled{PgBouncer::shared().url_for(database.url())};
  Node direct{database.url()};
  pooled.listen();
  direct.listen();
  ASSERT_TRUE(pooled.has_gaps(1) && direct.has_gaps(1));
  EXPECT_TRUE(pooled.feed().status().starts_with("sending only: a pooler"))
      << pooled.feed().status();
  EXPECT_TRUE(pooled.log().has("only sent, not received")) << pooled.log().all();
  for (int each = 0; each < 20; ++each) {
    pooled.feed().publish(message(std::to_string(each)));
    ASSERT_TRUE(direct.hears(message(std::to_string(each))));
  }
}

TEST_F(PostgresFeedTest, SendsAFloodInFewNotifications) {
  Node one{url()};
  Node other{url()};
  other.listen();
  ASSERT_TRUE(other.has_gaps(1));
  for (int each = 0; each < 10'000; ++each)
    one.feed().publish(wake);
  one.feed().publish(message("the last"));
  EXPECT_TRUE(other.hears(message("the last")));
  EXPECT_LE(other.heard().size(), 20U);
}

TEST_F(PostgresFeedTest, LeavesInTimeWhenTheServerIsAway) {
  const auto begin = std::chrono::steady_clock::now();
  {
    Node nowhere{"postgresql://errand@127.0.0.1:1/none"};
    nowhere.listen();
    nowhere.feed().publish(wake);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

}  // namespace
}  // namespace errand::sql
