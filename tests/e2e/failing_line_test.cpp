// A worker whose line to its manager fails, at its Nth write or read: jobs come to their ends all
// the same, once.

#include <cerrno>

#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "fail_nth/failing_calls.hpp"

namespace errand::e2e {
namespace {

struct Failure {
  std::string call{};
  int nth{0};
  int error{0};
  bool lasts{false};
};

void serve_with(const Failure& failure) {
  const Folder folder;
  const std::string marker = folder / "failed";
  Served served{{{"WORKER_COUNT", "1"},
                 {"LD_PRELOAD", FAILING_CALLS},
                 {"ERRAND_FAIL",
                  failure.call + ' ' + std::to_string(failure.nth) + ' ' +
                      std::to_string(failure.error) + (failure.lasts ? " 1 " : " 0 ") + marker}}};
  served.start();
  const std::string runs = served.folder_ / "runs";
  for (int each = 0; each < 3; ++each) {
    const Job job =
        served.submit({.tag = "count", .type = "count", .user_id = 7, .data = {{"runs", runs}}});
    EXPECT_EQ(served.finished(job.id).state, JobState::succeeded);
    EXPECT_EQ(served.client_.worker_manager().attempts_of(job.id).size(), 1U);
  }
  EXPECT_TRUE(std::filesystem::exists(marker));
  served.stop_and_expect_success();
}

TEST(AWorkerWhoseLineFails, LosesNoJob) {
  for (const char* call : {"send", "receive"})
    for (int nth = 1; nth <= 5; ++nth) {
      SCOPED_TRACE(std::string{call} + " " + std::to_string(nth));
      serve_with({call, nth, EIO, nth % 2 == 0});
    }
}

TEST(AWorkerWhoseLineFails, NeedsNoMoreThanAByteAtATime) {
  for (const char* call : {"send", "receive"})
    serve_with({call, 1, testing::FailingCalls::cut_short, true});
}

}  // namespace
}  // namespace errand::e2e
