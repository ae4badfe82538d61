#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <stop_token>

#include "store/job_store.hpp"

namespace errand {

/// Why a running job was asked to stop. The first reason stays.
enum class StopReason { none, cancelled, timed_out, shutdown };

/// One job while its handler runs: shared by the runner, who owns it, and those who may ask it to
/// stop. Safe from any thread.
class ActiveRun {
 public:
  ActiveRun(ClaimedJob job, SteadyPoint since, std::optional<SteadyPoint> deadline)
      : job_{std::move(job)}, since_{since}, deadline_{deadline} {}

  [[nodiscard]] const ClaimedJob& job() const noexcept { return job_; }

  [[nodiscard]] ClaimedJob take_job() { return std::move(job_); }

  [[nodiscard]] SteadyPoint since() const noexcept { return since_; }

  [[nodiscard]] const std::optional<SteadyPoint>& deadline() const noexcept { return deadline_; }

  [[nodiscard]] std::stop_token stop_token() const { return stop_.get_token(); }

  [[nodiscard]] StopReason stop_reason() const noexcept { return reason_.load(); }

  void request_stop(StopReason reason) {
    StopReason none = StopReason::none;
    reason_.compare_exchange_strong(none, reason);
    stop_.request_stop();
  }

  void set_progress(Progress progress) {
    const std::lock_guard lock{mutex_};
    progress_ = std::move(progress);
    dirty_ = true;
  }

  /// The latest progress if it was not taken yet.
  [[nodiscard]] std::optional<Progress> take_progress() {
    const std::lock_guard lock{mutex_};
    if (!dirty_)
      return std::nullopt;
    dirty_ = false;
    return progress_;
  }

  [[nodiscard]] bool has_progress() const {
    const std::lock_guard lock{mutex_};
    return dirty_;
  }

 private:
  ClaimedJob job_;
  SteadyPoint since_;
  std::optional<SteadyPoint> deadline_;
  std::stop_source stop_{};
  std::atomic<StopReason> reason_{StopReason::none};
  mutable std::mutex mutex_{};
  Progress progress_{};
  bool dirty_{false};
};

}  // namespace errand
