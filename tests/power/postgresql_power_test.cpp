// The server ends in the midst of the work, as in a crash: what it had not written down is gone.
// What it had acknowledged is not.

#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "helpers/postgres_cluster.hpp"
#include "store/open_store.hpp"

namespace errand::testing {
namespace {

using std::chrono::steady_clock;

const std::vector<std::string> types{"work"};

PreparedJob job(const std::string& tag) {
  PreparedJob job;
  job.tag = tag;
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  return job;
}

/// Submitters and a worker on one server, until it ends under them.
class Load {
 public:
  Load(const PostgresCluster& cluster, bool submits)
      : submits_{submits}, store_{open_store({.database_url = cluster.url()})} {
    store_->migrate();
    if (!submits)
      store_->jobs().submit(std::vector(5000, job("before")));
    process_ = store_->jobs().begin_process({.node = "n", .types = types});
    for (int number = 0; submits && number < submitters; ++number)
      threads_.emplace_back([this, number] { until_away([this, number] { submit(number); }); });
    threads_.emplace_back([this] { until_away([this] { work(); }); });
  }

  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  ~Load() { join(); }

  /// How many ends were acknowledged, and submissions if there are any.
  [[nodiscard]] std::size_t acknowledged() {
    const std::lock_guard lock{mutex_};
    return submits_ ? std::min(submitted_.size(), finished_.size()) : finished_.size();
  }

  void join() {
    for (std::thread& thread : threads_)
      thread.join();
    threads_.clear();
  }

  /// Jobs that were acknowledged and are not there, or finished and are not; once the server is
  /// back.
  [[nodiscard]] std::size_t lost() {
    std::set<JobId> found;
    std::set<JobId> found_finished;
    store_->database().with_transaction([&](Transaction& tx) {
      const SqlRows rows = tx.query("SELECT id, finished IS NOT NULL FROM worker_jobs");
      for (std::size_t row = 0; row < rows.size(); ++row) {
        found.insert(rows.get<std::int64_t>(row, 0));
        if (rows.get<bool>(row, 1))
          found_finished.insert(rows.get<std::int64_t>(row, 0));
      }
    });
    return count_missing(submitted_, found) + count_missing(finished_, found_finished);
  }

 private:
  static constexpr int submitters = 4;

  static std::size_t count_missing(const std::set<JobId>& wanted, const std::set<JobId>& found) {
    return static_cast<std::size_t>(
        std::count_if(wanted.begin(), wanted.end(), [&](JobId id) { return !found.contains(id); }));
  }

  template <typename Turn>
  static void until_away(Turn turn) {
    try {
      for (;;)
        turn();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
    }
  }

  void submit(int number) {
    const std::vector<PreparedJob> jobs(static_cast<std::size_t>(1 + number * number), job("t"));
    const auto submitted = store_->jobs().submit(jobs);
    const std::lock_guard lock{mutex_};
    for (const Submitted& one : submitted)
      submitted_.insert(one.id);
  }

  void work() {
    const auto result =
        store_->jobs().exchange(held_, {.process = process_, .limit = 5, .types = types});
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < held_.size(); ++i)
      if (result.recorded.at(i))
        finished_.insert(held_[i].id);
    held_.clear();
    for (const ClaimedJob& claimed : result.claimed)
      held_.push_back({claimed.id, claimed.claim_seq, {}, process_});
  }

  bool submits_;
  std::unique_ptr<Store> store_;
  ProcessId process_{0};
  std::vector<Completion> held_{};
  std::mutex mutex_{};
  std::set<JobId> submitted_{};
  std::set<JobId> finished_{};
  std::vector<std::thread> threads_{};
};

/// How much is lost when the server ends at once, while it is at work.
std::size_t lost_after_a_crash(PostgresCluster& cluster, bool submits = true) {
  Load load{cluster, submits};
  const auto deadline = steady_clock::now() + std::chrono::seconds{30};
  while (load.acknowledged() < 100 && steady_clock::now() < deadline)
    std::this_thread::yield();
  cluster.stop(SIGQUIT);
  load.join();
  EXPECT_GE(load.acknowledged(), 100U);
  cluster.start();
  return load.lost();
}

TEST(PostgresPowerLoss, LeavesWhatWasAcknowledged) {
  PostgresCluster cluster{{"fsync = on", "wal_writer_delay = 10s"}};
  for (int round = 0; round < 3; ++round)
    EXPECT_EQ(lost_after_a_crash(cluster), 0U) << "in round " << round;
}

/// Submissions would write down what came before them.
TEST(PostgresPowerLoss, LeavesWhatWasEndedWhileNobodySubmits) {
  PostgresCluster cluster{{"wal_writer_delay = 10s"}};
  EXPECT_EQ(lost_after_a_crash(cluster, false), 0U);
}

TEST(PostgresPowerLoss, IsALossWhereTheServerAcknowledgesEarly) {
  PostgresCluster cluster{
      {"synchronous_commit = off", "wal_writer_delay = 10s", "wal_writer_flush_after = 1GB"}};
  std::size_t lost = 0;
  for (int round = 0; round < 5 && lost == 0; ++round)  // the crash may come just after a flush
    lost = lost_after_a_crash(cluster);
  EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace errand::testing
