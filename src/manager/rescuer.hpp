#pragma once

#include <errand/log.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "manager/rescue.hpp"

namespace errand {

/// Rescues the jobs of this manager's dead workers, again and again until the database has taken
/// it: who is to blame is only known here. Safe from any thread; every call may block on the
/// database.
class Rescuer {
 public:
  using Tell = std::function<void(const RescuedJob&, const ChildDeath&)>;

  /// Store and registry outlive it. `tell` is called for each job, from the calling thread.
  Rescuer(JobStore& store, const JobRegistry& registry, Log log, std::string node, Tell tell)
      : store_{store},
        registry_{registry},
        log_{std::move(log)},
        node_{std::move(node)},
        tell_{std::move(tell)} {}

  void rescue(ChildDeath death);

  /// Tries those again that failed, in their order, and returns when to call it next.
  milliseconds retry();

  [[nodiscard]] std::size_t waiting() const;

 private:
  [[nodiscard]] bool attempt(const ChildDeath& death);
  [[nodiscard]] ChildDeath with_process(ChildDeath death);
  void note(bool succeeded, const char* why);

  JobStore& store_;
  const JobRegistry& registry_;
  Log log_;
  std::string node_;
  Tell tell_;
  mutable std::mutex mutex_{};  ///< guards what follows
  std::vector<ChildDeath> waiting_{};
  bool failing_{false};
};

}  // namespace errand
