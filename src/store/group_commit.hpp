#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "store/connection_pool.hpp"
#include "store/job_store.hpp"
#include "store/submission.hpp"

namespace errand::sql {

/// Concurrent submissions of one process in shared transactions: while one thread waits for the
/// disk, the others queue, and the first of them then commits for all. A refused submission is
/// rolled back to its savepoint and its neighbours go on. Safe from any thread.
class GroupCommit {
 public:
  GroupCommit(ConnectionPool& pool, RetentionDefaults retention);

  /// Returns once the jobs are committed; throws what refused them, or what failed the commit.
  /// `wake` as in `JobStore::submit`.
  [[nodiscard]] std::vector<Submitted> submit(std::span<const PreparedJob> jobs,
                                              std::optional<TimePoint> now,
                                              const JobStore::Wake& wake);
  /// As `JobStore::submit_parts`; in a transaction of its own.
  [[nodiscard]] std::vector<Submitted> submit_parts(PreparedParts& parts,
                                                    const JobStore::Wake& wake);

 private:
  struct Request;

  [[nodiscard]] std::vector<Submitted> submit_request(Request& request);
  [[nodiscard]] std::vector<Submitted> submit_inside(Request& request);
  void await(Request& request);
  void lead(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::size_t batch_size() const;
  void tell_all(const std::exception& failure) noexcept;
  void commit_together(std::span<Request* const> requests);
  static void wake_early(const Connection& connection, std::span<Request* const> requests);
  void insert_all(Connection& connection, std::span<Request* const> requests);
  void insert_small(Connection& connection,
                    std::span<Request* const> requests,
                    Insertion insertion);
  void insert(Connection& connection, Request& request, Insertion insertion);
  void insert_parts_of(Connection& connection, Request& request);
  void insert_guarded(Connection& connection, Request& request);

  ConnectionPool& pool_;
  RetentionDefaults retention_;
  std::mutex mutex_{};
  std::deque<Request*> queue_{};
  bool led_{false};                ///< some thread commits for the others
  std::vector<Request*> batch_{};  ///< what that thread commits; room for all it may be
};

}  // namespace errand::sql
