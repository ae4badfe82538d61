#pragma once

#include <algorithm>
#include <map>

#include "store/job_store.hpp"

namespace errand::testing {

/// Remembers what it is asked and answers what the test put in. Every call fails while `away`.
class FakeJobStore : public JobStore {
 public:
  bool away{false};
  TimePoint time{std::chrono::seconds{1'700'000'000}};
  std::vector<ProcessRow> live{};
  std::map<ProcessId, std::vector<ClaimedJob>> claims{};
  std::map<ProcessId, std::string> ended{};
  std::vector<Completion> completed{};
  std::vector<JobId> stale{};        ///< completions of these are not recorded
  std::vector<ProcessId> beating{};  ///< these beat between any look at them and what follows
  std::vector<PreparedJob> submitted{};
  std::vector<PreparedJob> crons{};
  std::vector<milliseconds> patience{};
  std::vector<JobId> claims_written{};  ///< of jobs that dead processes had held
  bool blamed{false};                   ///< by the latest such call
  int strangers{0};
  NodeLook seen{};  ///< what a look tells, but for what it can find here
  std::vector<LookRequest> looks{};
  int lists_of_live{0};

  TimePoint now() override { return answer(time); }

  std::vector<Submitted> submit(std::span<const PreparedJob> jobs,
                                Now /*now*/,
                                const Wake& wake) override {
    std::vector<Submitted> ids;
    for (const PreparedJob& job : jobs)
      ids.push_back(store(job));
    answer(ids);
    if (wake)
      wake();
    return ids;
  }

  std::vector<Submitted> submit_parts(PreparedParts& parts, const Wake& wake) override {
    std::vector<Submitted> ids;
    for (auto part = parts.next(); !part.empty(); part = parts.next())
      for (const Submitted& stored : submit(part, {}, {}))
        ids.push_back(stored);
    if (wake)
      wake();
    return ids;
  }

  Submitted submit_in(const BorrowedTransaction& /*transaction*/,
                      const PreparedJob& job,
                      Now /*now*/) override {
    return answer(store(job));
  }

  ExchangeResult exchange(std::span<const Completion> completions,
                          const ClaimRequest& /*claim*/,
                          Now /*now*/) override {
    ExchangeResult result = answer(ExchangeResult{});
    for (const Completion& completion : completions) {
      const bool is_stale = std::count(stale.begin(), stale.end(), completion.id) > 0;
      result.recorded.push_back(!is_stale);
      completed.push_back(completion);
      for (auto& [process, jobs] : claims)
        std::erase_if(jobs, [&](const ClaimedJob& job) { return job.id == completion.id; });
    }
    return result;
  }

  NodeLook look(const LookRequest& request, Now /*now*/) override {
    looks.push_back(answer(request));
    NodeLook look = seen;
    look.now = time;
    for (const ProcessRow& row : live)
      if (!look.oldest_beat || row.beat < *look.oldest_beat)
        look.oldest_beat = row.beat;
    look.dead_hold_claims = request.asks_of_dead && !dead_processes_with_claims().empty();
    return look;
  }

  bool complete_in(Transaction& /*tx*/, const Completion& /*c*/, Now /*now*/) override {
    return answer(true);
  }

  void set_progress(std::span<const ProgressUpdate> /*updates*/) override {}

  ProcessId begin_process(const NewProcess& /*process*/, Now /*now*/) override { return answer(1); }

  BeatResult beat(ProcessId /*process*/, std::int64_t /*rss*/, Now /*now*/) override {
    return answer(BeatResult{});
  }

  bool end_process(ProcessId process,
                   std::string_view note,
                   Now /*now*/,
                   std::optional<TimePoint> seen_beat) override {
    if (seen_beat && std::count(beating.begin(), beating.end(), process) > 0)
      return answer(false);
    ended[process] = answer(std::string{note});
    return std::erase_if(live, [&](const ProcessRow& row) { return row.id == process; }) == 1;
  }

  std::vector<ProcessRow> live_processes() override {
    ++lists_of_live;
    return answer(live);
  }

  std::vector<ProcessId> dead_processes_with_claims() override {
    std::vector<ProcessId> dead;
    for (const auto& held : claims) {
      const auto is_holder = [&](const ProcessRow& row) {
        return row.id == held.first;
      };
      if (!held.second.empty() && std::none_of(live.begin(), live.end(), is_holder))
        dead.push_back(held.first);
    }
    return answer(dead);
  }

  std::vector<ClaimedJob> claims_of(ProcessId process) override { return answer(claims[process]); }

  void write_claims(ProcessId /*process*/, std::span<const HeldJob> ran, bool blame) override {
    for (const HeldJob& job : ran)
      claims_written.push_back(answer(job.id));
    blamed = blame;
  }

  std::optional<Job> cancel(JobId /*id*/, Now /*now*/) override { return answer(cancelled); }

  std::optional<JobId> retry(JobId /*id*/, Now /*now*/) override { return answer(retried); }

  bool remove(JobId /*id*/) override { return answer(removes); }

  bool ensure_cron(const PreparedJob& link, Now /*now*/) override {
    const bool missing = std::none_of(
        crons.begin(), crons.end(), [&](const PreparedJob& cron) { return cron.tag == link.tag; });
    crons.push_back(answer(link));
    return missing;
  }

  int fail_unknown_types(milliseconds wait, Now /*now*/) override {
    patience.push_back(answer(wait));
    return std::exchange(strangers, 0);
  }

  int remove_old(int /*limit*/, JobId /*except*/, Now /*now*/) override { return answer(0); }

  std::optional<Job> cancelled{};
  std::optional<JobId> retried{};
  bool removes{false};

 private:
  template <typename T>
  T answer(T value) {
    if (away)
      throw Error{ErrorKind::unavailable, "the database is away, as the test asked"};
    return value;
  }

  Submitted store(const PreparedJob& job) {
    submitted.push_back(answer(job));
    return {static_cast<JobId>(submitted.size()), job.on_pending_tag != OnPendingTag::keep, time};
  }
};

}  // namespace errand::testing
