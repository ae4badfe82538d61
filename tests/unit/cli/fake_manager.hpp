#pragma once

#include <errand/worker_manager.hpp>

#include <gmock/gmock.h>

namespace errand::cli {

class FakeManager : public WorkerManager {
 public:
  MOCK_METHOD(Job, submit_job, (const NewJob&), (override));
  MOCK_METHOD(std::vector<JobId>, submit_jobs, (std::span<const NewJob>), (override));
  MOCK_METHOD(Job, submit_job, (const BorrowedTransaction&, const NewJob&), (override));
  MOCK_METHOD(std::optional<Job>, wait_for, (JobId, milliseconds), (override));
  MOCK_METHOD(std::optional<Job>, find_job, (JobId), (override));
  MOCK_METHOD(JobPage, list_jobs, (const JobFilter&), (override));
  MOCK_METHOD(std::vector<Job>, attempts_of, (JobId), (override));
  MOCK_METHOD(Job, cancel_job, (JobId), (override));
  MOCK_METHOD(Job, retry_job, (JobId), (override));
  MOCK_METHOD(void, delete_job, (JobId), (override));
  MOCK_METHOD(std::vector<WorkerInfo>, list_workers, (), (override));
  MOCK_METHOD(std::vector<CronInfo>, list_crons, (), (override));
};

}  // namespace errand::cli
