#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "worker/finished_run.hpp"
#include "worker/job_queue.hpp"
#include "worker/job_runner.hpp"
#include "worker/loop_plan.hpp"

namespace errand {

/// Where the loop that talks to the database and the threads that run handlers meet: jobs go one
/// way, finished runs the other, and requests from outside (wake, drain, release) come in. Safe
/// from any thread; the loop is one thread.
class Handover {
 public:
  explicit Handover(int lanes) : lanes_{lanes} {}

  /// False while the lease is in doubt: no job begins then. Set before any lane runs.
  std::function<bool()> may_begin{};

  // for the loop
  void give(std::vector<ClaimedJob> jobs, SteadyPoint now);
  /// What was not begun and is to be put back; what was held by locks is as it was.
  [[nodiscard]] std::vector<ClaimedJob> take_back();
  [[nodiscard]] std::vector<FinishedRun> take_finished();
  /// The next runs that finish find room where these, which are done with, were.
  void reuse(std::vector<FinishedRun> recorded);
  void drop_room();  ///< of `reuse`
  /// The jobs held by locks, which are about to be lost: what was not begun is let go; what runs is
  /// returned, and counts as claimed once `claim_is_written`.
  [[nodiscard]] std::vector<HeldJob> let_go();
  void claim_is_written(const std::vector<HeldJob>& jobs);
  [[nodiscard]] LoopState state() const;
  /// How many jobs of each queue are queued or running.
  [[nodiscard]] std::map<std::string, int> held_by_queue() const;
  /// Is this claim queued, running or finished here?
  [[nodiscard]] bool holds(JobId id, int claim_seq) const;
  void clear_woken();
  /// Returns when `wake`, a finished run worth recording, or `until` comes.
  void wait(std::optional<SteadyPoint> until, const Clock& clock);

  // for lanes
  /// Blocks. Nothing = leave. The job counts as running until `done`.
  [[nodiscard]] std::optional<ClaimedJob> next(const Clock& clock);
  void done(FinishedRun run);
  /// Is the job that runs held by a lock, its claim not written?
  [[nodiscard]] bool is_held(JobId id, int claim_seq) const;
  /// Handlers complete jobs in transactions of their own, which the locks would keep waiting: from
  /// now on nothing is held.
  void never_hold();

  // for anyone
  void wake();
  /// The loop is to see for itself whether anything has changed.
  void recheck();
  void drain();
  /// The lanes leave once nothing is queued.
  void close();
  /// `may_begin` may say something else now.
  void lease_renewed();

 private:
  using Key = std::pair<JobId, int>;

  struct Running {
    std::string queue{};
    std::optional<TimePoint> held_since{};
  };

  const int lanes_;
  mutable std::mutex mutex_{};
  std::condition_variable loop_{};
  std::condition_variable lanes_waiting_{};
  JobQueue queued_{};
  std::map<Key, Running> running_{};
  std::vector<FinishedRun> finished_{};
  std::optional<SteadyPoint> latest_begin_{};
  bool event_{false};  ///< something the loop has not seen yet
  bool woken_{false};
  bool draining_{false};
  bool may_hold_{true};
  bool closed_{false};
};

}  // namespace errand
