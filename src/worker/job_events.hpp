#pragma once

#include <map>
#include <mutex>
#include <span>

#include "ipc/audience.hpp"
#include "ipc/channel.hpp"
#include "worker/handover.hpp"

namespace errand {

/// What a worker tells the server about jobs of users who look. Jobs of nobody are silent. Safe
/// from any thread.
class JobEvents {
 public:
  JobEvents(ipc::Channel& channel, const ipc::Audience& audience, const Clock& clock)
      : channel_{channel}, audience_{audience}, clock_{clock} {}

  void started(const ClaimedJob& job);
  /// At most ten a second for one job; the last word is in `finished` and in the row.
  void progress(const ClaimedJob& job, const Progress& progress);
  /// After the commit that recorded them.
  void finished(std::span<const FinishedRun* const> runs, TimePoint now);

 private:
  void forget(JobId id);

  ipc::Channel& channel_;
  const ipc::Audience& audience_;
  const Clock& clock_;
  std::mutex mutex_{};
  std::map<JobId, SteadyPoint> last_progress_{};
};

}  // namespace errand
