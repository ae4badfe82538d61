#include "app/built_in_jobs.hpp"

#include <errand/error.hpp>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers/fake_job_store.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using Instant = std::chrono::steady_clock::time_point;

/// A job that can be asked to stop.
class CleaningContext final : public JobContext {
 public:
  [[nodiscard]] const Job& job() const override { return job_; }

  [[nodiscard]] std::string_view data_text() const override { return "{}"; }

  [[nodiscard]] ServerApp& app() override { throw Error{ErrorKind::bug, "not in this test"}; }

  [[nodiscard]] const Log& log() const override { return log_; }

  void progress(double, std::string_view) override {}

  [[nodiscard]] std::stop_token stop_token() const override { return stop_.get_token(); }

  void throw_if_cancelled() override {
    if (stop_.stop_requested())
      throw Error{ErrorKind::cancelled, "asked to stop"};
  }

  void with_transaction(const std::function<void(Transaction&)>&) override {}

  void complete_in(Transaction&, const Json&) override {}

  void stop() { stop_.request_stop(); }

 private:
  Job job_{};
  Log log_{};
  std::stop_source stop_{};
};

/// Takes its time to remove what it is asked to, as long as there is anything.
class SlowStore final : public testing::FakeJobStore {
 public:
  int remove_old(int limit, JobId /*except*/, Now /*now*/) override {
    begun.push_back(std::chrono::steady_clock::now());
    if (meanwhile)
      meanwhile();
    while (std::chrono::steady_clock::now() < begun.back() + takes)
      std::this_thread::yield();
    ended.push_back(std::chrono::steady_clock::now());
    const int removed = std::min(limit, rows);
    rows -= removed;
    return removed;
  }

  std::function<void()> meanwhile{};
  std::chrono::milliseconds takes{20};
  int rows{1200};
  std::vector<Instant> begun{};
  std::vector<Instant> ended{};
};

class RemovingOldJobs : public ::testing::Test {
 protected:
  RemovingOldJobs() {
    add_built_in_jobs(registry_, [this]() -> JobStore& { return store_; });
  }

  Outcome run() { return registry_.find(remove_old_type)->handler(context_); }

  JobRegistry registry_{};
  SlowStore store_{};
  CleaningContext context_{};
};

TEST_F(RemovingOldJobs, RestsAsLongAsItHasWorked) {
  static_cast<void>(run());
  ASSERT_EQ(store_.begun.size(), 3U) << "500 at a time";
  EXPECT_EQ(store_.rows, 0);
  for (std::size_t next = 1; next < store_.begun.size(); ++next)
    EXPECT_GE(store_.begun[next] - store_.ended[next - 1], store_.takes);
}

TEST_F(RemovingOldJobs, RestsNoLongerOnceItIsToStop) {
  store_.takes = 500ms;
  store_.meanwhile = [this] {
    context_.stop();
  };
  EXPECT_THROW(static_cast<void>(run()), Error);
  EXPECT_EQ(store_.begun.size(), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - store_.ended.back(), store_.takes);
}

}  // namespace
}  // namespace errand
