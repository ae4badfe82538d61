#pragma once

#include <errand/borrowed_transaction.hpp>
#include <errand/error.hpp>
#include <errand/job.hpp>
#include <errand/job_registry.hpp>
#include <optional>
#include <span>
#include <vector>

namespace errand {

/// Submits, finds, waits for and cancels jobs, in the server and in a worker alike. Every call is
/// safe from any thread and throws `Error`: `invalid` for bad input (nothing was stored),
/// `unavailable` when the database is away.
class WorkerManager {
 public:
  WorkerManager(const WorkerManager&) = delete;
  WorkerManager& operator=(const WorkerManager&) = delete;
  virtual ~WorkerManager() = default;

  /// Stores the job durably and returns its row. Throws `not_found` for a type that is not in the
  /// registry (the message lists those that are) and `conflict` when `unique_key` is taken.
  virtual Job submit_job(const NewJob& job) = 0;

  /// One transaction: all or none. Ids in the order given; with `OnPendingTag::keep`, the id of the
  /// one that was kept.
  virtual std::vector<JobId> submit_jobs(std::span<const NewJob> jobs) = 0;

  /// In the caller's own transaction.
  virtual Job submit_job(const BorrowedTransaction& transaction, const NewJob& job) = 0;

  template <JobPayload Payload>
  Job submit_job(const Payload& payload, NewJob job = {}) {
    return submit_job(with_payload(payload, std::move(job)));
  }

  template <JobPayload Payload>
  Job submit_job(const BorrowedTransaction& transaction, const Payload& payload, NewJob job = {}) {
    return submit_job(transaction, with_payload(payload, std::move(job)));
  }

  /// The last attempt of the job once it has finished, or nothing when `timeout` passes first.
  virtual std::optional<Job> wait_for(JobId id, milliseconds timeout) = 0;

  [[nodiscard]] virtual std::optional<Job> find_job(JobId id) = 0;
  [[nodiscard]] virtual JobPage list_jobs(const JobFilter& filter) = 0;

  /// All attempts of the job's chain, first to last.
  [[nodiscard]] virtual std::vector<Job> attempts_of(JobId id) = 0;

  /// A waiting job is finished as cancelled; a running one is asked to stop. Returns the row as it
  /// is then. Throws `not_found`, or `conflict` when it has finished.
  virtual Job cancel_job(JobId id) = 0;

  /// A finished job runs again as a new row, at once. Throws `not_found`, or `conflict` when it has
  /// not finished.
  virtual Job retry_job(JobId id) = 0;

  /// Removes a finished or waiting row. Throws `not_found`, or `conflict` while it runs.
  virtual void delete_job(JobId id) = 0;

  /// Workers that are alive, and those that died in the last hour.
  [[nodiscard]] virtual std::vector<WorkerInfo> list_workers() = 0;
  [[nodiscard]] virtual std::vector<CronInfo> list_crons() = 0;

 protected:
  WorkerManager() = default;

 private:
  template <JobPayload Payload>
  static NewJob with_payload(const Payload& payload, NewJob job) {
    job.type = std::string{std::string_view{Payload::job_type}};
    job.data = Json(payload);
    return job;
  }
};

}  // namespace errand
