#include "store/claimed_job.hpp"

#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{1000s};

ClaimedJob claimed() {
  ClaimedJob job;
  job.id = 7;
  job.started = TimePoint{900s};
  job.crash_count = 1;
  job.data = R"({"n":1})";
  return job;
}

Transition finished(JobState state, const std::string& result) {
  Transition transition;
  transition.state = state;
  transition.result = result;
  return transition;
}

TEST(ClaimedJob, IsTheRowOfARunningJob) {
  const Job job = to_job(claimed());
  EXPECT_EQ(job.id, 7);
  EXPECT_EQ(job.state, JobState::started);
  EXPECT_EQ(job.started, TimePoint{900s});
  EXPECT_EQ(job.data, Json({{"n", 1}}));
  EXPECT_EQ(job.meta, Json(nullptr)) << "it has none";
}

TEST(ClaimedJob, TextThatIsNoJsonReadsAsItDoesInLists) {
  ClaimedJob damaged = claimed();
  damaged.data = "{half";
  EXPECT_EQ(to_job(damaged).data, Json("{half"));
}

TEST(ClaimedJob, ASuccessTellsItsResult) {
  const Job job = to_job(claimed(), finished(JobState::succeeded, R"({"width":80})"), now);
  EXPECT_EQ(job.success, true);
  EXPECT_EQ(job.outcome, "succeeded");
  EXPECT_EQ(job.result, Json({{"width", 80}}));
  EXPECT_EQ(job.error, Json(nullptr));
  EXPECT_EQ(job.finished, now);
  EXPECT_EQ(job.updated_at, now);
}

TEST(ClaimedJob, AFailureTellsItsError) {
  Transition failed = finished(JobState::failed, R"({"error":"no luck"})");
  failed.reason = "error";
  const Job job = to_job(claimed(), failed, now);
  EXPECT_EQ(job.success, false);
  EXPECT_EQ(job.outcome, "failed");
  EXPECT_EQ(job.reason, "error");
  EXPECT_EQ(job.error, Json({{"error", "no luck"}}));
  EXPECT_EQ(job.result, Json(nullptr));
}

TEST(ClaimedJob, WhatGoesBackWaitsWithTheCrashesThatAreCounted) {
  Transition back;
  back.to = Transition::To::scheduled;
  back.delay = 5s;
  back.crash_count = 2;
  const Job job = to_job(claimed(), back, now);
  EXPECT_EQ(job.state, JobState::scheduled);
  EXPECT_EQ(job.due, now + 5s);
  EXPECT_EQ(job.crash_count, 2);
  EXPECT_FALSE(job.started);
  EXPECT_FALSE(job.finished);
}

}  // namespace
}  // namespace errand
