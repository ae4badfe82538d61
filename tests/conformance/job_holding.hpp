#pragma once

#include "conformance/job_store_conformance.hpp"

namespace errand::testing {

/// Whatever holds a job: what the others see, and what becomes of it.
class JobHolding : public JobStoreConformance {
 protected:
  ExchangeResult exchange(ProcessId worker,
                          const std::vector<Completion>& completions,
                          int limit = 100,
                          const std::vector<HeldJob>& running_on = {}) {
    const std::vector<std::string> types{"work"};
    return jobs().exchange(completions,
                           {.process = worker,
                            .limit = limit,
                            .types = types,
                            .hold = true,
                            .yields = true,
                            .running_on = running_on});
  }

  std::vector<ClaimedJob> hold(ProcessId worker, int limit = 100) {
    return exchange(worker, {}, limit).claimed;
  }

  ClaimedJob hold_one(ProcessId worker) {
    auto held = hold(worker);
    EXPECT_EQ(held.size(), 1U);
    return held.empty() ? ClaimedJob{} : std::move(held.front());
  }

  /// The worker's next exchange, which takes nothing more.
  std::vector<bool> end_hold(ProcessId worker, const std::vector<Completion>& completions) {
    return exchange(worker, completions, 0).recorded;
  }

  /// Runs the next jobs, each of which tells that it is half done, and puts them back.
  void snooze_with_progress(int limit) {
    std::vector<Completion> snoozed;
    for (const ClaimedJob& each : claim_all(begin_worker(), limit).claimed)
      snoozed.push_back({each.id,
                         each.claim_seq,
                         put_back(milliseconds{0}),
                         each.process,
                         {},
                         Progress{0.5, "half"}});
    record(snoozed);
  }

  static Completion completion(const ClaimedJob& job, const Transition& transition = {}) {
    return {job.id, job.claim_seq, transition, job.process, job.started, {}};
  }

  static HeldJob running(const ClaimedJob& job) { return {job.id, job.claim_seq, job.started}; }

  [[nodiscard]] static bool locks() { return GetParam().name != "sqlite"; }

  /// Where only a note holds, there is nothing to lose, and all the rest is the same.
  void lose_the_locks() {
    if (!locks())
      return;
    execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction'");
  }

  void expect_waiting(JobId id, int claim_seq) {
    EXPECT_EQ(find(id).state, JobState::scheduled);
    EXPECT_EQ(count("id = " + std::to_string(id) +
                    " AND claimed_by IS NULL AND claim_seq = " + std::to_string(claim_seq)),
              1);
  }
};

inline std::vector<Backend> backends_that_lock() {
  std::vector<Backend> all = backends();
  std::erase_if(all, [](const Backend& backend) { return backend.name == "sqlite"; });
  return all;
}

}  // namespace errand::testing
