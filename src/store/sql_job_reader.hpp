#pragma once

#include "store/connection_pool.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// `JobReader` over any dialect.
class SqlJobReader final : public JobReader {
 public:
  explicit SqlJobReader(ConnectionPool& pool) : pool_{pool} {}

  [[nodiscard]] std::optional<Job> find(JobId id) override;
  [[nodiscard]] JobPage list(const JobFilter& filter) override;
  [[nodiscard]] std::vector<Job> attempts_of(JobId id) override;
  [[nodiscard]] std::optional<Job> last_attempt(JobId id) override;
  [[nodiscard]] std::vector<WorkerInfo> workers() override;
  [[nodiscard]] std::vector<CronInfo> crons() override;
  [[nodiscard]] Json counts(int cap) override;
  void ping() override;

 private:
  ConnectionPool& pool_;
};

}  // namespace errand::sql
