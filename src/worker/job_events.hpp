#pragma once

#include <map>
#include <mutex>

#include "ipc/channel.hpp"
#include "worker/handover.hpp"

namespace errand {

/// What a worker tells the server about jobs that belong to a user. Jobs of nobody are silent. Safe
/// from any thread.
class JobEvents {
 public:
  JobEvents(ipc::Channel& channel, const Clock& clock) : channel_{channel}, clock_{clock} {}

  void started(const ClaimedJob& job);
  /// At most ten a second for one job; the last word is in `finished` and in the row.
  void progress(const ClaimedJob& job, const Progress& progress);
  /// After the commit that recorded them.
  void finished(const std::vector<FinishedRun>& runs, TimePoint now);

 private:
  ipc::Channel& channel_;
  const Clock& clock_;
  std::mutex mutex_{};
  std::map<JobId, SteadyPoint> last_progress_{};
};

}  // namespace errand
