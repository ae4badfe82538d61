// What handlers may do and return, through the public API only.
#include <errand/errand.hpp>
#include <errand/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::TestApp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Greet {
  static constexpr std::string_view job_type = "greet";
  std::string name{};
  int times{0};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Greet, name, times)
};

std::string error_of(const Job& job) {
  return job.error.is_object() ? job.error.value("error", "") : "";
}

JobRegistry only(std::string_view type,
                 std::function<Outcome(JobContext&, const Json&)> handler,
                 JobOptions options = {}) {
  JobRegistry jobs;
  jobs.add(type, std::move(handler), std::move(options));
  return jobs;
}

TEST(ATypedHandler, GetsItsPayloadAndItsResultIsStored) {
  JobRegistry jobs;
  jobs.add<Greet>([](JobContext&, const Greet& greet) -> Json {
    return {{"said", greet.name}, {"times", greet.times}};
  });
  TestApp app{std::move(jobs)};
  const Job job = app.submit(Greet{"Ada", 2}, {.tag = "greet:ada", .user_id = 7});
  EXPECT_EQ(job.state, JobState::scheduled);
  EXPECT_EQ(app.run_due(), 1);
  const Job done = app.job(job.id);
  EXPECT_EQ(done.state, JobState::succeeded);
  EXPECT_EQ(done.result, (Json{{"said", "Ada"}, {"times", 2}}));
  EXPECT_EQ(app.submitted<Greet>().at(0).name, "Ada");
}

TEST(ATypedHandler, IsNotCalledWithAPayloadThatDoesNotFit) {
  bool called = false;
  JobRegistry jobs;
  jobs.add<Greet>([&](JobContext&, const Greet&) { called = true; },
                  {.retry = RetryPolicy::always_after(1s)});
  TestApp app{std::move(jobs)};
  const Job job = app.submit({.tag = "t", .type = "greet", .data = {{"name", 42}}});
  app.run_due();
  EXPECT_FALSE(called);
  EXPECT_EQ(app.job(job.id).state, JobState::failed);
  EXPECT_EQ(app.advance(10s), 0) << "the same payload will not fit next time either";
}

TEST(AHandler, ThatReturnsNothingSucceedsWithoutAResult) {
  JobRegistry jobs;
  jobs.add("quiet", [](JobContext&, const Json&) {});
  TestApp app{std::move(jobs)};
  const Job job = app.submit({.tag = "t", .type = "quiet"});
  app.run_due();
  EXPECT_EQ(app.job(job.id).state, JobState::succeeded);
  EXPECT_TRUE(app.job(job.id).result.is_null());
}

TEST(AHandler, ThatThrowsFailsWithItsSentenceAndType) {
  TestApp app{only(
      "t", [](JobContext&, const Json&) -> Outcome { throw std::out_of_range{"no such shelf"}; })};
  const Job job = app.submit({.tag = "t", .type = "t"});
  app.run_due();
  const Job failed = app.job(job.id);
  EXPECT_EQ(failed.state, JobState::failed);
  EXPECT_EQ(failed.reason, "error");
  EXPECT_EQ(error_of(failed), "no such shelf");
  EXPECT_EQ(failed.error.at("exception"), "std::out_of_range");
}

TEST(AHandler, SnoozesAsTheSameAttempt) {
  int runs = 0;
  TestApp app{only("t", [&](JobContext&, const Json&) {
    return ++runs < 3 ? Outcome::snooze(10min) : Outcome::success();
  })};
  const Job job = app.submit({.tag = "t", .type = "t"});
  EXPECT_EQ(app.run_due(), 1);
  EXPECT_EQ(app.advance(9min), 0);
  EXPECT_EQ(app.advance(11min), 2);
  EXPECT_EQ(app.job(job.id).state, JobState::succeeded);
  EXPECT_EQ(app.job(job.id).attempt, 1);
}

TEST(AHandler, GivesUpWhateverThePolicy) {
  TestApp app{only("t",
                   [](JobContext&, const Json&) { return Outcome::give_up("the customer left"); },
                   {.retry = RetryPolicy::always_after(1s)})};
  const Job job = app.submit({.tag = "t", .type = "t"});
  EXPECT_EQ(app.advance(1h), 1);
  EXPECT_EQ(error_of(app.job(job.id)), "the customer left");
}

TEST(AHandler, TellsItsUserAndNobodyElse) {
  TestApp app{only("t", [](JobContext& context, const Json&) {
    context.progress(0.25, "a quarter");
    context.app().create_notification(context.job().user_id, {{"type", "ready"}});
    return Outcome::success();
  })};
  app.submit({.tag = "t", .type = "t", .user_id = 7});
  app.run_due();
  std::vector<std::string> types;
  for (const Json& message : app.sent_to(7))
    types.push_back(message.at("type"));
  EXPECT_THAT(types, ElementsAre("job_progress", "notification_received", "job_finished"));
  EXPECT_TRUE(app.sent_to(8).empty());
}

TEST(AHandler, KeepsItsLastProgressInTheRow) {
  TestApp app{only("t", [](JobContext& context, const Json&) {
    context.progress(7.0, "beyond the end");
    return Outcome::success();
  })};
  const Job job = app.submit({.tag = "t", .type = "t"});
  app.run_due();
  ASSERT_TRUE(app.job(job.id).progress);
  EXPECT_DOUBLE_EQ(app.job(job.id).progress->done, 1.0);
}

TEST(AHandler, CompletesInItsOwnTransaction) {
  TestApp app{only("t", [](JobContext& context, const Json&) {
    context.with_transaction([&](Transaction& tx) {
      tx.execute("CREATE TABLE shelf(book TEXT)");
      tx.execute("INSERT INTO shelf(book) VALUES ($1)", "Middlemarch");
      context.complete_in(tx, {{"books", 1}});
    });
    return Outcome::success();
  })};
  const Job job = app.submit({.tag = "t", .type = "t"});
  app.run_due();
  EXPECT_EQ(app.job(job.id).state, JobState::succeeded);
  EXPECT_EQ(app.job(job.id).result, (Json{{"books", 1}}));
  const auto books = app.app().database().with_transaction(
      [](Transaction& tx) { return tx.query("SELECT book FROM shelf"); });
  EXPECT_EQ(books.get<std::string>(0, 0), "Middlemarch");
}

TEST(AHandler, ThatThrowsAfterCompletingRollsBothBack) {
  TestApp app{only("t", [](JobContext& context, const Json&) -> Outcome {
    context.with_transaction([&](Transaction& tx) {
      tx.execute("CREATE TABLE shelf(book TEXT)");
      context.complete_in(tx);
      throw std::runtime_error{"second thoughts"};
    });
    return Outcome::success();
  })};
  const Job job = app.submit({.tag = "t", .type = "t"});
  app.run_due();
  EXPECT_EQ(app.job(job.id).state, JobState::failed);
  EXPECT_THROW(app.app().database().with_transaction(
                   [](Transaction& tx) { return tx.query("SELECT * FROM shelf"); }),
               Error);
}

TEST(AHandler, SubmitsOtherJobs) {
  JobRegistry jobs;
  jobs.add("parent", [](JobContext& context, const Json&) {
    for (int each = 0; each < 3; ++each)
      context.app().worker_manager().submit_job({.tag = "child", .type = "child"});
  });
  jobs.add("child", [](JobContext&, const Json&) {});
  TestApp app{std::move(jobs)};
  app.submit({.tag = "t", .type = "parent"});
  EXPECT_EQ(app.run_due(), 4);
  EXPECT_EQ(app.submitted("child").size(), 3U);
}

TEST(AHandler, WithANastyErrorTextFailsInPeace) {
  TestApp app{only("t", [](JobContext&, const Json&) -> Outcome {
    throw std::runtime_error{std::string{"bad \xff byte and a NUL \0 here"
                                         "and there",
                                         35} +
                             std::string(100'000, 'x')};
  })};
  const Job job = app.submit({.tag = "t", .type = "t"});
  app.run_due();
  const Job failed = app.job(job.id);
  EXPECT_EQ(failed.state, JobState::failed);
  EXPECT_THAT(error_of(failed), HasSubstr("bad \xEF\xBF\xBD byte"));
  EXPECT_LT(error_of(failed).size(), 70'000U);
}

}  // namespace
}  // namespace errand
