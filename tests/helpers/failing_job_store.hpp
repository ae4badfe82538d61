#pragma once

#include <atomic>

#include "store/job_store.hpp"

namespace errand {

/// The store's hot call fails on demand: always, the Nth time from now, or when it is to hold jobs.
/// Everything else passes through.
class FailingJobStore final : public JobStore {
 public:
  explicit FailingJobStore(JobStore& real) : real_{real} {}

  void fail(bool always) { always_ = always; }

  void fail_nth(int nth) { countdown_ = nth; }

  /// As if the database could hold jobs, but had no connection left for it.
  void fail_holds() { fails_holds_ = true; }

  [[nodiscard]] int failures() const noexcept { return failures_; }

  ExchangeResult exchange(std::span<const Completion> completions,
                          const ClaimRequest& claim,
                          Now now) override {
    const bool nth = countdown_ > 0 && --countdown_ == 0;
    if (always_ || nth || (fails_holds_ && claim.hold)) {
      ++failures_;
      throw Error{ErrorKind::unavailable, "the database is away, as the test asked"};
    }
    return real_.exchange(completions, claim, now);
  }

  NodeLook look(const LookRequest& request, Now now) override { return real_.look(request, now); }

  TimePoint now() override { return real_.now(); }

  std::vector<Submitted> submit(std::span<const PreparedJob> jobs,
                                Now now,
                                const Wake& wake) override {
    return real_.submit(jobs, now, wake);
  }

  std::vector<Submitted> submit_parts(PreparedParts& parts, const Wake& wake) override {
    return real_.submit_parts(parts, wake);
  }

  Submitted submit_in(const BorrowedTransaction& transaction,
                      const PreparedJob& job,
                      Now now) override {
    return real_.submit_in(transaction, job, now);
  }

  bool complete_in(Transaction& transaction, const Completion& completion, Now now) override {
    return real_.complete_in(transaction, completion, now);
  }

  void set_progress(std::span<const ProgressUpdate> updates) override {
    real_.set_progress(updates);
  }

  ProcessId begin_process(const NewProcess& process, Now now) override {
    return real_.begin_process(process, now);
  }

  BeatResult beat(ProcessId process, std::int64_t rss_bytes, Now now) override {
    return real_.beat(process, rss_bytes, now);
  }

  bool end_process(ProcessId process,
                   std::string_view note,
                   Now now,
                   std::optional<TimePoint> seen_beat) override {
    return real_.end_process(process, note, now, seen_beat);
  }

  std::vector<ProcessRow> live_processes() override { return real_.live_processes(); }

  std::vector<ProcessId> dead_processes_with_claims() override {
    return real_.dead_processes_with_claims();
  }

  std::vector<ClaimedJob> claims_of(ProcessId process) override { return real_.claims_of(process); }

  void write_claims(ProcessId process, std::span<const HeldJob> ran, bool blame) override {
    real_.write_claims(process, ran, blame);
  }

  std::optional<Job> cancel(JobId id, Now now) override { return real_.cancel(id, now); }

  std::optional<JobId> retry(JobId id, Now now) override { return real_.retry(id, now); }

  bool remove(JobId id) override { return real_.remove(id); }

  bool ensure_cron(const PreparedJob& link, Now now) override {
    return real_.ensure_cron(link, now);
  }

  int fail_unknown_types(milliseconds patience, Now now) override {
    return real_.fail_unknown_types(patience, now);
  }

  int remove_old(int limit, JobId except, Now now) override {
    return real_.remove_old(limit, except, now);
  }

 private:
  JobStore& real_;
  std::atomic<bool> fails_holds_{false};
  std::atomic<bool> always_{false};
  std::atomic<int> countdown_{0};
  std::atomic<int> failures_{0};
};

}  // namespace errand
