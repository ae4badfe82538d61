#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "store/job_store.hpp"

namespace errand {

/// Claimed jobs that wait for a lane, first in, first out. They stay in the block of memory that
/// they were claimed into, until the last of them has left it. One thread at a time.
class JobQueue {
 public:
  void push(std::vector<ClaimedJob> jobs, SteadyPoint now) {
    if (jobs.empty())
      return;
    size_ += jobs.size();
    batches_.push_back({std::move(jobs), 0, now});
  }

  /// The queue is not empty.
  [[nodiscard]] ClaimedJob pop() {
    Batch& batch = batches_.front();
    ClaimedJob job = std::move(batch.jobs[batch.next++]);
    --size_;
    if (batch.next == batch.jobs.size())
      batches_.pop_front();
    return job;
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Since when the first one waits.
  [[nodiscard]] std::optional<SteadyPoint> since() const {
    return empty() ? std::nullopt : std::optional{batches_.front().since};
  }

  template <typename Is>
  [[nodiscard]] bool any_of(const Is& is) const {
    return std::any_of(batches_.begin(), batches_.end(), [&](const Batch& batch) {
      return std::any_of(batch.begin(), batch.jobs.end(), is);
    });
  }

  template <typename Use>
  void for_each(const Use& use) const {
    for (const Batch& batch : batches_)
      std::for_each(batch.begin(), batch.jobs.end(), use);
  }

  /// Empties the queue; returns what `is_wanted` says.
  template <typename IsWanted>
  [[nodiscard]] std::vector<ClaimedJob> take_if(const IsWanted& is_wanted) {
    std::vector<ClaimedJob> taken;
    while (!empty())
      if (ClaimedJob job = pop(); is_wanted(job))
        taken.push_back(std::move(job));
    return taken;
  }

  template <typename IsUnwanted>
  void erase_if(const IsUnwanted& is_unwanted) {
    for (Batch& batch : batches_) {
      const auto gone = std::remove_if(batch.begin(), batch.jobs.end(), is_unwanted);
      size_ -= static_cast<std::size_t>(batch.jobs.end() - gone);
      batch.jobs.erase(gone, batch.jobs.end());
    }
    std::erase_if(batches_, [](const Batch& batch) { return batch.next == batch.jobs.size(); });
  }

 private:
  struct Batch {
    std::vector<ClaimedJob> jobs{};
    std::size_t next{0};
    SteadyPoint since{};

    [[nodiscard]] std::vector<ClaimedJob>::iterator begin() {
      return jobs.begin() + static_cast<std::ptrdiff_t>(next);
    }

    [[nodiscard]] std::vector<ClaimedJob>::const_iterator begin() const {
      return jobs.begin() + static_cast<std::ptrdiff_t>(next);
    }
  };

  std::deque<Batch> batches_{};
  std::size_t size_{0};
};

}  // namespace errand
