#pragma once

#include <functional>
#include <memory>
#include <string>

#include "store/connection_pool.hpp"
#include "store/exchange.hpp"
#include "store/group_commit.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// Wraps a connection that the caller lends; throws `Error{invalid}` for another database's.
using Borrow = std::function<std::unique_ptr<Connection>(const BorrowedTransaction&)>;

/// `JobStore` over any dialect: the statements decide, this class orders them in transactions.
class SqlJobStore final : public JobStore {
 public:
  SqlJobStore(ConnectionPool& pool,
              RetentionDefaults retention,
              Borrow borrow,
              Holds holds,
              std::shared_ptr<const Clock> clock);

  [[nodiscard]] TimePoint now() override;

  std::vector<Submitted> submit(std::span<const PreparedJob> jobs,
                                Now now,
                                const Wake& wake) override;
  std::vector<Submitted> submit_parts(PreparedParts& parts, const Wake& wake) override;
  Submitted submit_in(const BorrowedTransaction& transaction,
                      const PreparedJob& job,
                      Now now) override;

  ExchangeResult exchange(std::span<const Completion> completions,
                          const ClaimRequest& claim,
                          Now now) override;
  NodeLook look(const LookRequest& request, Now now) override;
  bool complete_in(Transaction& transaction, const Completion& completion, Now now) override;
  void set_progress(std::span<const ProgressUpdate> updates) override;

  ProcessId begin_process(const NewProcess& process, Now now) override;
  BeatResult beat(ProcessId process, std::int64_t rss_bytes, Now now) override;
  bool end_process(ProcessId process,
                   std::string_view note,
                   Now now,
                   std::optional<TimePoint> seen_beat) override;
  [[nodiscard]] std::vector<ProcessRow> live_processes() override;
  [[nodiscard]] std::vector<ProcessId> dead_processes_with_claims() override;
  [[nodiscard]] std::vector<ClaimedJob> claims_of(ProcessId process) override;
  void write_claims(ProcessId process, std::span<const HeldJob> ran, bool blame) override;

  std::optional<Job> cancel(JobId id, Now now) override;
  std::optional<JobId> retry(JobId id, Now now) override;
  bool remove(JobId id) override;

  bool ensure_cron(const PreparedJob& link, Now now) override;
  int fail_unknown_types(milliseconds patience, Now now) override;
  int remove_old(int limit, JobId except, Now now) override;

 private:
  [[nodiscard]] bool correct_link(Connection& connection,
                                  JobId id,
                                  const PreparedJob& link,
                                  TimePoint now);
  [[nodiscard]] std::int64_t kept_failed() const;

  ConnectionPool& pool_;
  RetentionDefaults retention_;
  Borrow borrow_;
  Exchange exchange_;
  GroupCommit group_commit_;
};

}  // namespace errand::sql
