#pragma once

#include <condition_variable>
#include <errand/clock.hpp>
#include <errand/log.hpp>
#include <functional>
#include <mutex>
#include <thread>

#include "worker/lanes.hpp"
#include "worker/poll_loop.hpp"

namespace errand {

inline constexpr std::chrono::seconds beat_interval{5};
inline constexpr std::chrono::seconds lease{30};
inline constexpr std::chrono::seconds lease_margin{5};
inline constexpr milliseconds progress_interval{500};
/// How long a cancelled handler may take to notice before its process is ended.
inline constexpr milliseconds cancel_grace{std::chrono::seconds{10}};

/// The worker's row is beaten every 5 s on a thread of its own, whatever handlers and the loop do;
/// progress of running jobs is written from here too. A worker that could not beat for lease -
/// margin claims nothing new; one whose row is dead is over.
class Heartbeat {
 public:
  struct Parts {
    JobStore& store;
    const Clock& clock;
    Lanes& lanes;
    PollLoop& loop;
    ProcessId process{0};
  };

  Heartbeat(Parts parts, Log log);
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  ~Heartbeat() { stop(); }

  /// The row was declared dead. Called once, on the heart's thread. Set before `start`.
  std::function<void()> on_dead{};
  /// The lease was renewed. On the heart's thread. Set before `start`.
  std::function<void()> on_beat{};

  void start();
  /// Waits for a beat that is under way. Not on the heart's thread; again is nothing.
  void stop();

  /// Some running job has progress to write. Any thread.
  void progress_waits();

  [[nodiscard]] bool lease_is_safe() const;

 private:
  void run();
  void beat();
  void write_progress();
  void obey(const BeatResult& result);

  Parts parts_;
  Log log_;
  mutable std::mutex mutex_{};
  std::condition_variable changed_{};
  std::atomic<SteadyPoint> last_beat_{};
  bool stopping_{false};
  bool dead_{false};
  bool failing_{false};  ///< the heart's thread only
  bool progress_waits_{false};
  std::thread thread_{};
};

}  // namespace errand
