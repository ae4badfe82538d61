// What a node says, and does without, when a pooler stands before its database.

#include <gmock/gmock.h>

#include "e2e/host_process.hpp"

namespace errand::e2e {
namespace {

using ::testing::HasSubstr;

TEST(ANodeBehindAPooler, SaysThatItPollsAndRunsJobs) {
  Served served{{{"POLL_INTERVAL", "200ms"}}, Home::Kind::pooled};
  served.start();
  EXPECT_THAT(served.host_->wait_for_line({"pooler"}),
              HasSubstr("look for jobs every POLL_INTERVAL"));
  NewJob job;
  job.tag = "polled";
  job.type = "tellUser";
  job.user_id = 7;
  EXPECT_EQ(served.finished(served.submit(job).id).state, JobState::succeeded);
  served.stop_and_expect_success();
}

}  // namespace
}  // namespace errand::e2e
