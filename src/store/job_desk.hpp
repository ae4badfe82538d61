#pragma once

#include <condition_variable>
#include <cstdint>
#include <errand/job_registry.hpp>
#include <errand/worker_manager.hpp>
#include <functional>
#include <mutex>

#include "store/job_store.hpp"

namespace errand {

/// The WorkerManager of the server and of a worker alike.
class JobDesk final : public WorkerManager {
 public:
  using Wake = JobStore::Wake;
  /// Tells the worker of a running job that it was asked to stop: faster than its next beat.
  using CancelRunning = std::function<void(ProcessId process, JobId id)>;
  /// What it returns is held while somebody waits for a job's end: `job_finished` comes sooner.
  using BeginWait = std::function<std::shared_ptr<void>()>;

  /// Store, reader and registry outlive it. The functions are called from a caller's thread, and
  /// may be empty.
  JobDesk(JobStore& store,
          JobReader& reader,
          const JobRegistry& registry,
          Wake wake,
          CancelRunning cancel_running,
          BeginWait begin_wait = {});

  using WorkerManager::submit_job;

  Job submit_job(const NewJob& job) override;
  std::vector<JobId> submit_jobs(std::span<const NewJob> jobs) override;
  Job submit_job(const BorrowedTransaction& transaction, const NewJob& job) override;
  /// With an idempotency key for each, which may be empty.
  std::vector<Submitted> submit_with_keys(std::span<const NewJob> jobs,
                                          std::span<const std::string> keys);
  /// Throws `Error{not_found}` too. Each link of a cron is waited for by itself.
  std::optional<Job> wait_for(JobId id, milliseconds timeout) override;
  [[nodiscard]] std::optional<Job> find_job(JobId id) override;
  [[nodiscard]] JobPage list_jobs(const JobFilter& filter) override;
  [[nodiscard]] std::vector<Job> attempts_of(JobId id) override;
  Job cancel_job(JobId id) override;
  Job retry_job(JobId id) override;
  void delete_job(JobId id) override;
  [[nodiscard]] std::vector<WorkerInfo> list_workers() override;
  [[nodiscard]] std::vector<CronInfo> list_crons() override;

  /// Some job has finished: those who wait look now rather than at their next poll. Any thread.
  void job_finished();

 private:
  [[nodiscard]] std::optional<Job> latest(JobId id);
  void wait_for_news(milliseconds longest, std::uint64_t seen);
  [[nodiscard]] std::uint64_t news();
  [[nodiscard]] std::optional<Job> stored_before(JobId id);
  std::vector<Submitted> store(std::span<const PreparedJob> prepared, TimePoint now);
  std::vector<Submitted> store_in_parts(std::span<const NewJob> jobs, TimePoint now);
  void tell_workers() const;

  JobStore& store_;
  JobReader& reader_;
  const JobRegistry& registry_;
  Wake wake_;
  CancelRunning cancel_running_;
  BeginWait begin_wait_;
  std::mutex mutex_{};  ///< guards `news_`
  std::condition_variable finished_{};
  std::uint64_t news_{0};
};

}  // namespace errand
