#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "ipc/flight_recorder.hpp"
#include "worker/handover.hpp"

namespace errand {

/// The threads that run handlers, and the register of what each runs now. Every call is safe from
/// any thread.
class Lanes {
 public:
  /// `tools`, `handover` and `recorder` outlive this object.
  Lanes(int count, const RunTools& tools, Handover& handover, ipc::FlightRecorder& recorder);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes();

  void start();

  /// Waits for the handlers that run: close the handover first.
  void join();

  /// Called when a run with a deadline begins. Set before `start`.
  std::function<void(SteadyPoint deadline)> on_deadline{};
  /// Called when a run begins. Set before `start`.
  std::function<void(const ClaimedJob&)> on_begin{};

  /// False when no such job runs here. The manager ends the process if the handler has not obeyed
  /// after `grace`.
  bool cancel(JobId id, milliseconds grace);
  void stop_all(StopReason reason);
  /// Asks runs past their deadline to stop; returns the next deadline that is still ahead.
  std::optional<SteadyPoint> check_deadlines(SteadyPoint now);
  /// Of runs whose claim is written: of the others there is no row yet that it could be written to.
  [[nodiscard]] std::vector<ProgressUpdate> take_progress();
  [[nodiscard]] bool has_progress() const;
  [[nodiscard]] std::vector<ClaimedJob> running() const;

 private:
  void run_lane(int lane);
  [[nodiscard]] FinishedRun run_one(int lane, ClaimedJob job, Random& random);
  void enter(int lane, ActiveRun& run);
  void leave(int lane);

  const RunTools& tools_;
  Handover& handover_;
  ipc::FlightRecorder& recorder_;
  mutable std::mutex mutex_{};
  std::vector<ActiveRun*> active_;
  std::vector<std::thread> threads_{};
};

}  // namespace errand
