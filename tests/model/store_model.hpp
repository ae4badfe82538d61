#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/job_store.hpp"

namespace errand::testing {

/// What a row of worker_jobs should be.
struct ModelJob {
  std::string tag{};
  std::string queue{};
  std::string unique_key{};
  bool is_cron{false};
  int priority{0};
  TimePoint due{};
  JobState state{JobState::scheduled};
  std::string reason{};
  int claim_seq{0};
  int attempt{1};
  bool cancel_requested{false};
  JobId root{0};  ///< itself for a first attempt
  std::optional<TimePoint> remove_at{};

  [[nodiscard]] bool waits() const { return state == JobState::scheduled; }

  [[nodiscard]] bool finished() const { return !waits() && state != JobState::started; }
};

/// The rules of docs/state_machine.md over a map: slow, obvious, and without a database.
class StoreModel {
 public:
  /// Ids are the database's; everything else is predicted.
  [[nodiscard]] bool refuses(const PreparedJob& job) const;
  [[nodiscard]] std::optional<JobId> kept_by(const PreparedJob& job) const;
  void submit(JobId id, const PreparedJob& job, TimePoint now);

  /// The ids that a claim of one queue-agnostic worker must take, in no order within a priority.
  [[nodiscard]] std::vector<JobId> claimable(int limit, TimePoint now) const;
  [[nodiscard]] std::optional<TimePoint> next_due(TimePoint now) const;
  void claim(JobId id);

  /// Whether a completion with this claim number is recorded; a retry gets `retry_id` later.
  [[nodiscard]] bool finish(JobId id, int claim_seq, JobState state, TimePoint now);
  void add_retry(JobId retry_id, JobId of, TimePoint due);
  [[nodiscard]] bool put_back(JobId id, int claim_seq, std::optional<TimePoint> due);

  /// False = refused.
  [[nodiscard]] bool cancel(JobId id, TimePoint now);
  [[nodiscard]] bool retry_is_legal(JobId id) const;
  [[nodiscard]] bool remove(JobId id);
  [[nodiscard]] int remove_old(TimePoint now);

  [[nodiscard]] const std::map<JobId, ModelJob>& jobs() const { return jobs_; }

 private:
  [[nodiscard]] bool has_live_link(const std::string& tag) const;
  [[nodiscard]] bool unfinished_has_key(const std::string& key) const;
  void end(ModelJob& job, JobState state, const std::string& reason, TimePoint now);

  std::map<JobId, ModelJob> jobs_{};
};

}  // namespace errand::testing
