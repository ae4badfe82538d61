#pragma once

#include <atomic>

#include "store/connection_pool.hpp"
#include "store/head_memory.hpp"
#include "store/holding.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// T2 to T5 for workers: what is done is recorded, what is due is claimed by a write or held by
/// locks or a note. Safe from any thread; the pool outlives it.
class Exchange {
 public:
  Exchange(ConnectionPool& pool,
           RetentionDefaults retention,
           Holds holds,
           std::shared_ptr<const Clock> clock)
      : pool_{pool}, retention_{retention}, holds_{holds}, heads_{std::move(clock)} {}

  [[nodiscard]] ExchangeResult run(std::span<const Completion> completions,
                                   const ClaimRequest& claim,
                                   JobStore::Now now);

  /// For workers that did not look themselves.
  [[nodiscard]] NodeLook look(const LookRequest& request, JobStore::Now now);

 private:
  using Now = JobStore::Now;

  [[nodiscard]] ExchangeResult at_once(std::span<const Completion> completions,
                                       const ClaimRequest& claim,
                                       Now now);
  [[nodiscard]] ExchangeResult write_at_once(std::span<const Completion> completions,
                                             const ClaimRequest& claim,
                                             Now now);
  static void write_running_on(Connection& connection,
                               const ClaimRequest& claim,
                               ExchangeResult& result);
  [[nodiscard]] bool has_nothing_to_do(const ClaimRequest& claim, Now now, ExchangeResult& result);
  void claim_into(Connection& connection,
                  const ClaimRequest& claim,
                  std::vector<JobId>& left_alone,
                  ExchangeResult& result);
  [[nodiscard]] bool are_waited_for(std::span<const IdRun> alike,
                                    const ClaimRequest& claim,
                                    TimePoint now);
  [[nodiscard]] bool is_left_to_holders(Connection& connection,
                                        const ClaimRequest& claim,
                                        std::span<const IdRun> alike,
                                        bool has_slot,
                                        TimePoint now);
  void claim_beside_notes(Connection& connection,
                          const ClaimRequest& claim,
                          ExchangeResult& result);
  void claim_but(const std::vector<IdRun>& others,
                 Connection& connection,
                 const ClaimRequest& claim,
                 ExchangeResult& result);
  static void leave_to_holders(std::vector<IdRun> noted,
                               std::span<const ClaimedJob> claimed,
                               std::vector<JobId>& left_alone);

  [[nodiscard]] ExchangeResult end_hold(Holding::Kept kept,
                                        std::span<const Completion> completions,
                                        const ClaimRequest& claim,
                                        Now now);
  [[nodiscard]] bool may_hold(Connection& connection, const ClaimRequest& claim, TimePoint now);
  [[nodiscard]] bool takes_extra_slot(Connection& connection,
                                      const ClaimRequest& claim,
                                      std::span<const IdRun> alike,
                                      TimePoint now);
  [[nodiscard]] bool hold_into(const ClaimRequest& claim, Now now, ExchangeResult& result);
  [[nodiscard]] Holding::Kept lock_into(const ClaimRequest& claim,
                                        Now now,
                                        std::span<const JobId> left_alone,
                                        ExchangeResult& result);
  [[nodiscard]] bool note(ProcessId process, std::span<const ClaimedJob> held);

  ConnectionPool& pool_;
  RetentionDefaults retention_;
  Holds holds_;
  std::atomic<std::size_t> rotation_{0};
  Holding holding_{};
  HeadMemory heads_;
};

}  // namespace errand::sql
