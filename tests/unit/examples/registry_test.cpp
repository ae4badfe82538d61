#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/jobs.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;

TEST(Registry, HasTheFourTypes) {
  const errand::JobRegistry jobs = make_registry({});
  for (const char* type : {"resizeImage", "importCsv", "sendEmail", "nightlyReport"})
    EXPECT_NE(jobs.find(type), nullptr) << type;
  EXPECT_EQ(jobs.find("nightlyReport")->options.cron, "0 0 3 * * *");
  EXPECT_EQ(jobs.find("nightlyReport")->options.timezone, "Europe/Berlin");
}

TEST(Registry, LetsNoJobRunForEver) {
  const errand::JobRegistry jobs = make_registry({});
  for (const auto& [name, type] : jobs.types())
    EXPECT_TRUE(type.options.timeout.has_value()) << name;
}

TEST(Registry, TriesAMailAgainWithGrowingDelays) {
  const errand::JobRegistry jobs = make_registry({});
  const errand::RetryPolicy& retry = jobs.find("sendEmail")->options.retry;
  EXPECT_EQ(retry.max_attempts(), 6);
  EXPECT_EQ(retry.delay_after(1, nullptr, 0.5), 1000ms);
  EXPECT_EQ(retry.delay_after(3, nullptr, 0.5), 4000ms);
  EXPECT_EQ(retry.delay_after(6, nullptr, 0.5), std::nullopt);
}

}  // namespace
}  // namespace demo
