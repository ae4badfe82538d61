#pragma once

#include <errand/errand.hpp>
#include <functional>
#include <memory>
#include <string>

#include "common/process.hpp"
#include "common/wishes.hpp"
#include "scenarios/database.hpp"

namespace errand::bench {

/// The job types of the benchmark: `noop`; `stamp`, which returns how long ago it was submitted;
/// `closing`, which returns when it ended; `later`, which never comes; and one for each feature
/// that is the handler's (features.cpp).
[[nodiscard]] JobRegistry benchmark_types();

/// A database and errand on it, with as many workers as a scenario wants.
class Stage {
 public:
  Stage(const Wishes& wishes, const std::string& folder, const std::string& name);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage();

  /// Runs errand with this many workers while `work` lasts.
  void play(int workers, const std::function<void(ServerApp&)>& work);

  [[nodiscard]] BenchDatabase& database() { return *database_; }

  /// No jobs, and no trace of the ones before.
  void empty();

  /// CPU of this process's workers so far, in nanoseconds.
  [[nodiscard]] static std::int64_t workers_cpu_ns();

 private:
  std::unique_ptr<BenchDatabase> database_;
};

}  // namespace errand::bench
