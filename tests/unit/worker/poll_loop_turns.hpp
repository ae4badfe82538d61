#pragma once

#include <atomic>
#include <condition_variable>
#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "helpers/fake_job_store.hpp"
#include "worker/poll_loop.hpp"

namespace errand::testing {

using namespace std::chrono_literals;

inline constexpr ProcessId own_process = 5;

[[nodiscard]] inline bool eventually(const std::function<bool()>& question) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!question() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  return question();
}

class StillClock final : public Clock {
 public:
  [[nodiscard]] TimePoint wall_now() const override { return {}; }

  [[nodiscard]] SteadyPoint steady_now() const override { return SteadyPoint{} + passed_.load(); }

  void advance(milliseconds duration) { passed_ = passed_.load() + duration; }

 private:
  std::atomic<milliseconds> passed_{milliseconds{0}};
};

inline ClaimedJob work_of(JobId id, const std::string& queue = "default") {
  ClaimedJob job;
  job.id = id;
  job.claim_seq = 1;
  job.process = own_process;
  job.queue = queue;
  return job;
}

struct Asked {
  std::vector<Completion> completions{};
  ProcessId process{0};
  int limit{0};
  std::vector<QueueLimit> queues{};
  std::vector<HeldJob> running_on{};
  bool yields{false};
};

/// Gives out the jobs that wait in it.
class AskedStore final : public FakeJobStore {
 public:
  void put(const std::vector<ClaimedJob>& jobs) {
    const std::lock_guard lock{mutex_};
    waiting_.insert(waiting_.end(), jobs.begin(), jobs.end());
  }

  void set_away(bool now) {
    const std::lock_guard lock{mutex_};
    away = now;
  }

  void hold_what_is_claimed() {
    const std::lock_guard lock{mutex_};
    holds_ = true;
  }

  /// By the database's clock, which stands still.
  void set_next_due(TimePoint due) {
    const std::lock_guard lock{mutex_};
    next_due_ = due;
  }

  void leave_all_to_others(bool now) {
    const std::lock_guard lock{mutex_};
    leaves_all_ = now;
  }

  [[nodiscard]] std::vector<Asked> asked() const {
    const std::lock_guard lock{mutex_};
    return asked_;
  }

  /// Whether it has been asked so often, at once or soon.
  [[nodiscard]] bool is_asked(std::size_t nth, milliseconds limit) const {
    std::unique_lock lock{mutex_};
    return has_been_asked_.wait_for(lock, limit, [&] { return asked_.size() >= nth; });
  }

  /// Once it has been asked so often.
  [[nodiscard]] Asked asked(std::size_t nth) const {
    return is_asked(nth, 10s) ? asked()[nth - 1] : Asked{.limit = -1};
  }

  ExchangeResult exchange(std::span<const Completion> completions,
                          const ClaimRequest& claim,
                          Now now) override {
    const std::lock_guard lock{mutex_};
    asked_.push_back({{completions.begin(), completions.end()},
                      claim.process,
                      claim.limit,
                      {claim.queues.begin(), claim.queues.end()},
                      {claim.running_on.begin(), claim.running_on.end()},
                      claim.yields});
    has_been_asked_.notify_all();
    if (meanwhile)
      meanwhile();
    ExchangeResult result = FakeJobStore::exchange(completions, claim, now);
    result.left_to_holders = leaves_all_;
    result.next_due = next_due_;
    std::erase_if(waiting_, [&](ClaimedJob& job) {
      if (!takes(claim, result.claimed, job.queue))
        return false;
      job.held = holds_;
      result.claimed.push_back(job);
      return true;
    });
    return result;
  }

  std::function<void()> meanwhile{};  ///< during each exchange

 private:
  static bool takes(const ClaimRequest& claim,
                    const std::vector<ClaimedJob>& claimed,
                    const std::string& name) {
    if (static_cast<int>(claimed.size()) >= claim.limit)
      return false;
    const auto taken = std::ranges::count(claimed, name, &ClaimedJob::queue);
    return claim.queues.empty() || std::ranges::any_of(claim.queues, [&](const auto& queue) {
             return queue.queue == name && taken < queue.limit;
           });
  }

  mutable std::mutex mutex_{};
  mutable std::condition_variable has_been_asked_{};
  std::vector<ClaimedJob> waiting_{};
  std::vector<Asked> asked_{};
  bool holds_{false};
  bool leaves_all_{false};
  std::optional<TimePoint> next_due_{};
};

/// The loop turn by turn: its clock stands still until the test moves it, and the store keeps what
/// it is asked.
class PollLoopTurns : public ::testing::Test {
 protected:
  explicit PollLoopTurns(int lanes = 4) : handover_{lanes} {}

  ~PollLoopTurns() override { end(); }

  void start(std::vector<QueueLimit> queues = {}, milliseconds poll_interval = 1h) {
    loop_ = std::make_unique<PollLoop>(
        store_,
        handover_,
        clock_,
        Log{},
        PollLoopOptions{own_process, {"work"}, std::move(queues), poll_interval});
    loop_->may_claim = [this] {
      before_turn();
      return true;
    };
    loop_->has_room = has_room_;
    loop_->on_runs = on_runs_;
    loop_->on_backlog = on_backlog_;
    loop_->on_recorded = on_recorded_;
    ended_ = std::async(std::launch::async, [this] { return loop_->run(); });
  }

  void before_turn() {
    if (at_next_turn_armed_.exchange(false))
      at_next_turn_();
    ++turns_;
  }

  /// By the loop's thread, when it has looked at its state.
  void at_next_turn(std::function<void()> work) {
    at_next_turn_ = std::move(work);
    at_next_turn_armed_ = true;
    handover_.wake();
  }

  /// The first one may have begun before, the second has not.
  void two_turns() {
    two_turns_after([this] { handover_.wake(); });
  }

  /// The same, with nothing that is said to be due.
  void two_turns_untold() {
    two_turns_after([this] { handover_.recheck(); });
  }

  void two_turns_after(const std::function<void()>& call) {
    for (int each = 0; each < 2; ++each) {
      const int before = turns_;
      call();
      EXPECT_TRUE(eventually([&] { return turns_ > before; }));
    }
  }

  ClaimedJob begin() { return handover_.next(clock_).value(); }

  void finish(ClaimedJob job) {
    FinishedRun run = FinishedRun::of(std::move(job));
    run.at = clock_.steady_now();
    run.run_time = 1us;
    handover_.done(std::move(run));
  }

  LoopEnd end() {
    if (!ended_.valid())
      return LoopEnd::drained;
    handover_.drain();
    if (ended_.wait_for(10s) != std::future_status::ready) {
      ADD_FAILURE() << "the loop does not end";
      loop_->supersede();
      clock_.advance(1h);
    }
    return ended_.get();
  }

  /// While time passes.
  Asked asked_in_time(std::size_t nth) {
    const auto was_asked = [&] {
      clock_.advance(100ms);
      return store_.is_asked(nth, 1ms);
    };
    return eventually(was_asked) ? store_.asked(nth) : Asked{.limit = -1};
  }

  static std::vector<JobId> ids_of(const Asked& asked) {
    std::vector<JobId> ids;
    for (const Completion& completion : asked.completions)
      ids.push_back(completion.id);
    return ids;
  }

  StillClock clock_{};
  AskedStore store_{};
  Handover handover_;
  std::function<void(const std::vector<FinishedRun>&)> on_runs_{};
  PollLoop::Recorded on_recorded_{};
  std::function<bool()> has_room_{};
  std::function<void()> on_backlog_{};
  std::atomic<int> turns_{0};
  std::function<void()> at_next_turn_{};
  std::atomic<bool> at_next_turn_armed_{false};
  std::unique_ptr<PollLoop> loop_{};
  std::future<LoopEnd> ended_{};
};

}  // namespace errand::testing
