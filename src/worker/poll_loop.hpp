#pragma once

#include <atomic>
#include <errand/config.hpp>
#include <functional>
#include <mutex>
#include <vector>

#include "base/random.hpp"
#include "worker/handover.hpp"
#include "worker/look_times.hpp"

namespace errand {

struct PollLoopOptions {
  ProcessId process{0};
  std::vector<std::string> types{};
  std::vector<QueueLimit> queues{};
  milliseconds poll_interval{std::chrono::seconds{1}};
};

enum class LoopEnd {
  drained,     ///< told to leave, and everything was recorded
  superseded,  ///< the own row was declared dead: somebody else has the jobs
};

/// Claim → run → record, for one worker: one thread, one transaction for both ends of it. A
/// database that is away never ends it.
class PollLoop {
 public:
  /// Runs of users' jobs that were recorded, with the database's time, after the commit. They are
  /// there as long as the call lasts.
  using Recorded = std::function<void(std::span<const FinishedRun* const>, TimePoint now)>;

  PollLoop(
      JobStore& store, Handover& handover, const Clock& clock, Log log, PollLoopOptions options)
      : store_{store},
        handover_{handover},
        clock_{clock},
        log_{std::move(log)},
        options_{std::move(options)},
        look_times_{options_.poll_interval} {}

  /// Set before `run`.
  Recorded on_recorded{};
  /// Runs that ended, recorded or not. Set before `run`.
  std::function<void(const std::vector<FinishedRun>&)> on_runs{};
  /// False while the lease is in doubt: nothing new is claimed. Set before `run`.
  std::function<bool()> may_claim{};
  /// False while who is told of ends has not heard of the ones before: nothing new is claimed. May
  /// wait a little for it. Set before `run`.
  std::function<bool()> has_room{};

  /// A look that nobody asked for took all that it wanted: there may be more, and others may sleep
  /// because they do not know. Set before `run`.
  std::function<void()> on_backlog{};

  /// Nothing was claimed or recorded for a second, after something had been. Set before `run`.
  std::function<void()> on_rest{};

  /// Returns when the handover was told to drain and is empty, or when the process's row is dead.
  LoopEnd run();

  /// What the database says this process holds, once a beat; what it said twice and is not held
  /// here is released by the loop. Any thread.
  void reconcile(std::vector<HeldClaim> claims);

  /// The node has looked for all its workers: something is due, or this one is told when something
  /// is. Any thread.
  void node_looked(bool due);

  /// The process's row is dead: the loop offers what has run once more, which is refused where
  /// another worker has the job by now, and ends. Any thread.
  void supersede();

  /// How many results came too late: another worker had the job. Any thread.
  [[nodiscard]] int refused() const noexcept { return refused_; }

  /// Records these as released, for a process that must leave now. Any thread, once.
  void release(const std::vector<ClaimedJob>& jobs);

 private:
  /// Who left jobs to others looks beside their writes, and so beside the commit of what woke it.
  static constexpr milliseconds look_again_first{50};

  struct Turn {
    std::vector<FinishedRun> finished{};
    std::vector<Completion> completions{};
    ClaimRequest request{};
    std::vector<QueueLimit> queues{};
    std::vector<HeldJob> running_on{};
  };

  void rest();
  [[nodiscard]] Turn next_turn(const LoopPlan& plan);
  [[nodiscard]] bool limits_a_queue() const;
  void end_hold(Turn& turn);
  void hand_back_unheld();
  [[nodiscard]] bool waits(const HeldClaim& claim) const;
  void choose_queues(Turn& turn) const;
  /// False when the process's row is dead.
  bool perform(Turn turn, bool claims);
  [[nodiscard]] LoopEnd offer_what_ran();
  void take_result(Turn& turn, ExchangeResult result, bool claims);
  [[nodiscard]] std::optional<SteadyPoint> due_by(const ExchangeResult& result, SteadyPoint now);
  void drop_what_runs(std::vector<ClaimedJob>& claimed) const;
  void tell_recorded(const Turn& turn, const ExchangeResult& result);
  void back_off(const std::string& why);
  void come_back();

  JobStore& store_;
  Handover& handover_;
  const Clock& clock_;
  Log log_;
  PollLoopOptions options_;
  BatchSize batch_{};
  std::vector<FinishedRun> unrecorded_{};  ///< the database was away
  std::vector<Completion> handed_back_{};
  bool more_{false};
  bool left_to_holders_{false};
  milliseconds look_again_{look_again_first};
  LookTimes look_times_;
  SteadyPoint::duration looked_for_{};
  std::optional<SteadyPoint> held_at_{};
  std::optional<SteadyPoint> rests_at_{};
  SteadyPoint hold_from_{};
  milliseconds back_off_{0};
  SteadyPoint away_since_{};
  Random random_{Random::from_entropy()};
  std::atomic<bool> superseded_{false};
  std::atomic<int> refused_{0};
  std::mutex reconcile_mutex_{};
  std::vector<HeldClaim> last_beat_{};
  std::vector<HeldClaim> to_reconcile_{};
};

}  // namespace errand
