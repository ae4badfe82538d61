#include <errand/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::TestApp;

JobRegistry failing(RetryPolicy policy) {
  JobRegistry jobs;
  jobs.add("fail",
           [](JobContext&, const Json&) { throw std::runtime_error{"no"}; },
           {.retry = std::move(policy)});
  return jobs;
}

TEST(TestApp, RunsRetriesWhenTheyAreDue) {
  TestApp app{
      failing(RetryPolicy::backoff({.first = 10s, .factor = 2, .jitter = 0, .max_attempts = 4}))};
  const Job job = app.submit({.tag = "t", .type = "fail"});
  EXPECT_EQ(app.run_due(), 1);
  EXPECT_EQ(app.advance(9s), 0);
  EXPECT_EQ(app.advance(1s), 1);
  EXPECT_EQ(app.advance(20s), 1);
  EXPECT_EQ(app.advance(40s), 1);
  EXPECT_EQ(app.advance(1h), 0);
  const auto attempts = app.app().worker_manager().attempts_of(job.id);
  ASSERT_EQ(attempts.size(), 4U);
  for (std::size_t each = 0; each < attempts.size(); ++each) {
    EXPECT_EQ(attempts[each].attempt, static_cast<int>(each) + 1);
    EXPECT_EQ(attempts[each].state, JobState::failed);
  }
  EXPECT_EQ(attempts[1].rescheduled_from_job, job.id);
  EXPECT_EQ(attempts[3].root_job, job.id);
}

TEST(TestApp, AutoRescheduleGoesOnForEver) {
  TestApp app{failing(RetryPolicy::always_after(1min))};
  app.submit({.tag = "t", .type = "fail"});
  EXPECT_EQ(app.advance(1h), 61);
}

TEST(TestApp, RunsADayOfCronsInAMoment) {
  std::vector<TimePoint> runs;
  JobRegistry jobs;
  TestApp* running = nullptr;
  jobs.add("report",
           [&](JobContext&, const Json&) { runs.push_back(running->now()); },
           {.cron = "0 0 3 * * *", .timezone = "Europe/Berlin"});
  TestApp app{std::move(jobs)};
  running = &app;
  app.advance(72h);
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[0], app.now() - 72h + 2h) << "03:00 in Berlin is 02:00 UTC in January";
  EXPECT_EQ(runs[1] - runs[0], 24h);
  EXPECT_EQ(runs[2] - runs[1], 24h);
}

TEST(TestApp, AFailingCronKeepsItsChain) {
  JobRegistry jobs;
  jobs.add("report",
           [](JobContext&, const Json&) { throw std::runtime_error{"no paper"}; },
           {.cron = "0 0 * * * *"});
  TestApp app{std::move(jobs)};
  EXPECT_EQ(app.advance(5h + 30min), 5);
  const auto crons = app.app().worker_manager().list_crons();
  ASSERT_EQ(crons.size(), 2U);
  for (const CronInfo& cron : crons)
    EXPECT_TRUE(cron.next_due.has_value()) << cron.tag;
}

TEST(TestApp, RemovesOldJobsAfterTheirDelay) {
  JobRegistry jobs;
  jobs.add("work", [](JobContext&, const Json&) {});
  TestApp app{std::move(jobs)};
  const Job gone = app.submit({.tag = "gone", .type = "work"});
  const Job kept = app.submit({.tag = "kept", .type = "work", .persistent = true});
  const Job later = app.submit({.tag = "later", .type = "work", .remove_delay = 5h});
  app.run_due();
  app.advance(3h);
  EXPECT_THROW(static_cast<void>(app.job(gone.id)), Error);
  EXPECT_EQ(app.job(kept.id).state, JobState::succeeded);
  EXPECT_EQ(app.job(later.id).state, JobState::succeeded);
  app.advance(4h);
  EXPECT_THROW(static_cast<void>(app.job(later.id)), Error);
  EXPECT_EQ(app.job(kept.id).state, JobState::succeeded);
}

TEST(TestApp, CancelsWaitingJobs) {
  JobRegistry jobs;
  jobs.add("work", [](JobContext&, const Json&) {});
  TestApp app{std::move(jobs)};
  const Job job = app.submit({.tag = "t", .type = "work", .due = 1h});
  EXPECT_EQ(app.app().worker_manager().cancel_job(job.id).state, JobState::cancelled);
  EXPECT_EQ(app.advance(2h), 0);
}

TEST(TestApp, KeepsPrioritiesAndDueOrder) {
  std::vector<std::string> order;
  JobRegistry jobs;
  jobs.add("work", [&](JobContext& context, const Json&) { order.push_back(context.job().tag); });
  TestApp app{std::move(jobs)};
  app.submit({.tag = "second", .type = "work"});
  app.submit({.tag = "third", .type = "work"});
  app.submit({.tag = "first", .type = "work", .priority = -1});
  app.run_due();
  EXPECT_THAT(order, ::testing::ElementsAre("first", "second", "third"));
}

TEST(TestApp, RefusesWhatTheServerWouldRefuse) {
  JobRegistry jobs;
  jobs.add("work", [](JobContext&, const Json&) {});
  TestApp app{std::move(jobs)};
  const auto kind_of = [&](const NewJob& job) {
    try {
      app.submit(job);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::bug;
  };
  EXPECT_EQ(kind_of({.tag = "", .type = "work"}), ErrorKind::invalid);
  EXPECT_EQ(kind_of({.tag = "t", .type = "play"}), ErrorKind::not_found);
  EXPECT_EQ(kind_of({.tag = "t", .type = "work", .data = {{"text", std::string(2 << 20, 'x')}}}),
            ErrorKind::invalid);
  EXPECT_EQ(kind_of({.tag = "t", .type = "work", .cron_schedule = "61 * * * *"}),
            ErrorKind::invalid);
  EXPECT_EQ(
      kind_of(
          {.tag = "t", .type = "work", .cron_schedule = "0 * * * *", .timezone = "Mars/Olympus"}),
      ErrorKind::invalid);
  EXPECT_TRUE(app.submitted("work").empty());
}

TEST(TestApp, AppliesTagPolicies) {
  JobRegistry jobs;
  jobs.add("work", [](JobContext&, const Json&) {});
  TestApp app{std::move(jobs)};
  const Job first = app.submit({.tag = "t", .type = "work", .due = 1h});
  const Job kept = app.submit({.tag = "t", .type = "work", .on_pending_tag = OnPendingTag::keep});
  EXPECT_EQ(kept.id, first.id);
  const Job replacing =
      app.submit({.tag = "t", .type = "work", .on_pending_tag = OnPendingTag::replace});
  EXPECT_NE(replacing.id, first.id);
  EXPECT_EQ(app.job(first.id).state, JobState::cancelled);
  EXPECT_EQ(app.job(first.id).reason, "superseded");
}

}  // namespace
}  // namespace errand
