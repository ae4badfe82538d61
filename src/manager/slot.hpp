#pragma once

#include <errand/clock.hpp>
#include <errand/job.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace errand {

/// How long a slot waits for what. Defaults are the product's.
struct SlotTimes {
  milliseconds boot_deadline{std::chrono::seconds{10}};
  milliseconds silence_deadline{std::chrono::seconds{15}};
  milliseconds stop_to_term{std::chrono::seconds{1}};
  milliseconds term_to_kill{std::chrono::seconds{1}};
  milliseconds abort_to_kill{std::chrono::seconds{2}};
  milliseconds hung_up_to_kill{std::chrono::seconds{2}};
  milliseconds back_off_first{100};
  milliseconds back_off_longest{std::chrono::seconds{30}};
  milliseconds healthy_after{std::chrono::seconds{60}};
  milliseconds crash_pause{100};  ///< after a crash, if the worker did not even live …
  milliseconds crash_pause_below{std::chrono::seconds{1}};  ///< … so long
  double back_off_spread{0};  ///< 0…1: this share is added, so that slots do not move in step
};

/// One place for a worker process: keeps it filled, and empties it when asked. A pure state machine
/// without clock, process or timer: it is told what happened and says what to do. One spawned
/// process is dealt with at a time, so signals always mean the one that was spawned last.
class Slot {
 public:
  enum class State { empty, starting, ready, draining, terminating, killing, backing_off };

  enum class Happening {
    run,           ///< keep a worker here from now on
    spawn_failed,  ///< the answer to `Action::spawn`
    ready,         ///< the worker said that it is
    alive,         ///< a sign of life: a message or a beat
    leaving,       ///< the worker said that it leaves on its own accord
    broken,        ///< it sent what no worker sends: it cannot be trusted any more
    hung_up,       ///< it closed its line, but lives
    overdue,       ///< a job passed its deadline and the grace after it
    exited,        ///< reaped; `exit_code` tells how, -1 for a signal
    crashed,       ///< the same in the middle of a job: the job is blamed, not the worker
    recycle,       ///< let it finish its jobs and take another worker
    stop,          ///< let it finish within `grace`, then empty the slot for good
    resumed,       ///< this process itself was stopped for a while: waits begin anew
    timer,         ///< the deadline has come
  };

  struct Event {
    Happening happening{Happening::timer};
    int exit_code{-1};
    milliseconds grace{0};
  };

  enum class Action { spawn, send_drain, send_stop, term, abort, kill, alarm };

  struct Step {
    std::vector<Action> actions{};
    std::optional<SteadyPoint> next_deadline{};
  };

  /// An exit code that says: started again as it is, it will fail again (EX_CONFIG).
  /// Deaths in a row after which the slot raises the alarm.
  static constexpr int alarming_failures = 5;

  explicit Slot(SlotTimes times = {}) : times_{times} {}

  /// Takes one event. Any event is allowed in any state; those that mean nothing there do nothing.
  [[nodiscard]] Step step(const Event& event, SteadyPoint now);

  [[nodiscard]] State state() const noexcept { return state_; }

  /// Whether the worker's end is no surprise: it was told to leave or said that it does.
  [[nodiscard]] bool expects_exit() const noexcept { return leaving_ || stopping_ || recycling_; }

  /// Workers that were started here after the first one.
  [[nodiscard]] int restarts() const noexcept { return spawned_ > 0 ? spawned_ - 1 : 0; }

 private:
  using Actions = std::vector<Action>;

  [[nodiscard]] bool has_worker() const noexcept;
  [[nodiscard]] bool serves() const noexcept;
  [[nodiscard]] std::optional<SteadyPoint> next_deadline() const;

  Actions handle(const Event& event, SteadyPoint now);
  Actions spawn(SteadyPoint now);
  Actions become_ready(SteadyPoint now);
  Actions hear(SteadyPoint now);
  Actions leave(SteadyPoint now);
  Actions kill_at_once();
  Actions await_exit(SteadyPoint now);
  Actions terminate(SteadyPoint now);
  Actions recycle();
  Actions stop(SteadyPoint now, milliseconds grace);
  Actions resume(SteadyPoint now);
  Actions spawn_has_failed(SteadyPoint now);
  Actions exited(SteadyPoint now, int exit_code);
  Actions crashed(SteadyPoint now);
  Actions become_empty();
  Actions back_off(SteadyPoint now, milliseconds delay);
  Actions time_passed(SteadyPoint now);
  Actions ladder_passed(SteadyPoint now);
  [[nodiscard]] milliseconds back_off_delay() const;

  SlotTimes times_;
  State state_{State::empty};
  bool stopping_{false};   ///< the slot is to be empty for good
  bool recycling_{false};  ///< the worker was asked to leave
  bool leaving_{false};    ///< the worker said that it leaves
  bool overdue_{false};    ///< it is killed for a job's deadline: not its own failure
  bool told_to_stop_{false};
  bool was_killed_{false};  ///< SIGKILL was sent: nothing is left to do but wait
  int failures_{0};         ///< deaths in a row, each young
  int spawned_{0};
  std::optional<SteadyPoint> ready_since_{};
  std::optional<SteadyPoint> silent_at_{};  ///< by when a sign of life must come
  std::optional<SteadyPoint> step_at_{};    ///< when the present step gives way to the next
};

[[nodiscard]] std::string_view to_text(Slot::State state);

}  // namespace errand
