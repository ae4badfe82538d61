#pragma once

#include <atomic>
#include <cstdint>
#include <errand/errand.hpp>
#include <thread>
#include <vector>

#include "history.hpp"
#include "torture_jobs.hpp"

namespace errand::torture {

struct ProducerPlan {
  int threads{4};
  int jobs_per_second{500};     ///< all threads together; 0 = as fast as it goes
  std::uint64_t jobs_total{0};  ///< acknowledged; 0 = until stopped
  std::uint64_t bulk{1};        ///< jobs of one submission
  Mix mix{};
};

/// Threads that submit and write down what was answered. A refused or unanswered submission is not
/// tried again: its jobs may exist or not.
class Producers {
 public:
  Producers(ServerApp& app, const HistoryFile& history, ProducerPlan plan);
  Producers(const Producers&) = delete;
  Producers& operator=(const Producers&) = delete;
  ~Producers();

  /// Returns when every thread has ended.
  void stop();

  [[nodiscard]] bool done() const noexcept { return running_ == 0; }

  [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }

  [[nodiscard]] std::uint64_t unanswered() const noexcept { return unanswered_; }

 private:
  void produce();
  void submit(std::uint64_t first);

  ServerApp& app_;
  const HistoryFile& history_;
  ProducerPlan plan_;
  std::int64_t begin_us_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> running_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<std::uint64_t> unanswered_{0};
  std::vector<std::thread> threads_{};
};

}  // namespace errand::torture
