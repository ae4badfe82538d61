#pragma once

#include <errand/clock.hpp>
#include <errand/job_registry.hpp>
#include <errand/log.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/system_clock.hpp"
#include "store/job_store.hpp"

namespace errand {

struct MaintenanceOptions {
  bool sole_node{true};              ///< nobody else works on this database: SQLite
  std::vector<QueueLimit> queues{};  ///< that the node's workers serve; empty = every queue
  milliseconds poll_interval{std::chrono::seconds{1}};  ///< how often the workers are told
  milliseconds cron_period{std::chrono::minutes{1}};
  milliseconds unknown_type_period{std::chrono::seconds{1}};
  milliseconds unknown_type_patience{std::chrono::seconds{2}};
  milliseconds dead_process_period{std::chrono::seconds{2}};
  milliseconds lease{std::chrono::seconds{30}};  ///< a worker that beat no later is lost
  /// How long somebody who has just begun watches a beat stand still before it believes its age: a
  /// beat that hangs in a statement, and the next one.
  milliseconds first_watch{std::chrono::seconds{15}};
  /// What a dead process holds is first left to the manager that saw it die and knows what it ran.
  milliseconds dead_claims_patience{std::chrono::seconds{4}};
  std::function<void()> on_released{};                  ///< jobs are due again
  std::function<void(const NodeLook& look)> on_look{};  ///< for the workers, with what it saw
  std::shared_ptr<const Clock> clock{std::make_shared<SystemClock>()};  ///< tells what takes long
};

/// What somebody has to do now and again so that nothing is forgotten. One look for all workers of
/// the node tells also whether there is anything else to do. For one thread, which may block on the
/// database; an error is logged when it begins and when it is over, and ends nothing.
class Maintenance {
 public:
  /// Store and registry outlive it.
  Maintenance(JobStore& store,
              const JobRegistry& registry,
              Log log,
              MaintenanceOptions options = {});
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;
  ~Maintenance() = default;

  /// At start, before any worker: ends what former lives of a sole node left, and gives back their
  /// jobs, unblamed. Throws `Error{unavailable}`.
  void take_over();

  /// Every declared cron has its next run. Throws `Error{unavailable}`.
  void ensure_crons();

  /// Does what is due and returns how long there is nothing to do.
  [[nodiscard]] milliseconds step(SteadyPoint now);

 private:
  struct Task {
    std::string what{};
    milliseconds period{0};
    std::function<void(SteadyPoint)> work{};
    std::function<bool()> wanted{};  ///< by what the look saw; empty = always
    int rest{0};                     ///< so many times as long as it took, it rests at least
    SteadyPoint next{};
    bool failing{false};
  };

  struct SeenBeat {
    TimePoint beat{};
    SteadyPoint since{};
  };

  void run(Task& task, SteadyPoint now);
  void look(SteadyPoint now);
  void note_contact(SteadyPoint now);
  void tell_workers(SteadyPoint now);
  [[nodiscard]] bool strangers_are_possible() const;
  [[nodiscard]] bool somebody_may_be_dead() const;
  void fail_unknown_types();
  void release_dead(SteadyPoint now);
  void end_lost_processes(SteadyPoint now);
  void release_left_claims(SteadyPoint now);
  void end_and_release(const ProcessRow& process, const std::string& why);
  void release(ProcessId process);

  JobStore& store_;
  const JobRegistry& registry_;
  Log log_;
  MaintenanceOptions options_;
  std::vector<std::string> types_;
  std::vector<Task> tasks_;
  NodeLook seen_{};          ///< by the latest look
  SteadyPoint next_word_{};  ///< to the workers
  SteadyPoint next_question_of_dead_{};
  bool dead_hold_claims_{false};
  std::map<ProcessId, SeenBeat> seen_beats_{};
  std::optional<SteadyPoint> last_look_{};
  milliseconds watch_{options_.first_watch};
  std::map<ProcessId, SteadyPoint> seen_dead_{};  ///< with claims → since when
};

}  // namespace errand
