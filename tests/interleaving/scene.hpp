#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "helpers/database_home.hpp"
#include "helpers/store_values.hpp"
#include "interleaving/history.hpp"

namespace errand::testing {

/// One job, two workers and what everybody did to it: begins anew for every order.
class Scene {
 public:
  explicit Scene(const DatabaseHome& home);

  /// Stores the job that all is about, both workers who know its type, and one who does not.
  void begin(const PreparedJob& job);

  [[nodiscard]] JobId job() const noexcept { return job_; }

  [[nodiscard]] ProcessId worker(int number) const { return workers_.at(number); }

  [[nodiscard]] JobStore& jobs() { return store_->jobs(); }

  [[nodiscard]] TimePoint now() const { return home_.clock().wall_now(); }

  /// What the worker believes to hold.
  [[nodiscard]] std::vector<ClaimedJob> held(int number);
  void set_held(int number, std::vector<ClaimedJob> jobs);

  /// What a rescuer read of the worker's claims, and when it began to.
  struct Look {
    std::vector<ClaimedJob> claims{};
    int began{0};
  };

  [[nodiscard]] Look look_at(int number);
  void set_look(int number, Look look);

  /// Of held jobs, where locks hold: what is noted is all that is left.
  void lose_the_locks();

  /// The clock of the history.
  [[nodiscard]] int tick() { return ++ticks_; }

  void note(Event event, int began);

  [[nodiscard]] History history();
  [[nodiscard]] std::vector<RowFacts> rows();
  /// The breaches, and the history that led to them; empty when all is well.
  [[nodiscard]] std::string verdict();

 private:
  const DatabaseHome& home_;
  std::unique_ptr<Store> store_;
  std::map<int, ProcessId> workers_{};
  JobId job_{0};
  std::atomic<int> ticks_{0};
  std::mutex mutex_{};  ///< guards what follows
  std::map<int, std::vector<ClaimedJob>> held_{};
  std::map<int, Look> looks_{};
  History history_{};
};

/// One transaction or so of one actor, through a store of its own.
struct Step {
  std::string name{};
  std::function<void(Scene&, JobStore&)> take{};
};

[[nodiscard]] inline std::string of_worker(const std::string& what, int worker) {
  return what + " of worker " + std::to_string(worker);
}

// Workers are 1 and 2; to look is to read a dead worker's claims, and to record, to end them.
[[nodiscard]] Step claim(int worker);
/// The answer is lost on its way: the worker does not know what it holds.
[[nodiscard]] Step claim_unanswered(int worker);
[[nodiscard]] Step record(int worker, const std::string& name, const Transition& transition);
/// Recorded with the next link of its cron.
[[nodiscard]] Step record_link(int worker);
/// Takes the job without writing it; locks are lost at once, so that nobody has to wait for them.
[[nodiscard]] Step hold(int worker);
/// Ends what the worker holds: it succeeded, it was let go before it began, or it runs on.
[[nodiscard]] Step record_held(int worker);
[[nodiscard]] Step let_go(int worker);
[[nodiscard]] Step run_on(int worker);
/// The worker's process is gone, in the middle of what it held.
[[nodiscard]] Step write_claims(int worker);
[[nodiscard]] Step end_process(int worker);
[[nodiscard]] Step look(int worker);
[[nodiscard]] Step rescue(int worker);
/// Reads what the database says that the worker holds; `reconcile` gives that back.
[[nodiscard]] Step beat(int worker);
[[nodiscard]] Step reconcile(int worker);
[[nodiscard]] Step cancel();
[[nodiscard]] Step retry();
[[nodiscard]] Step remove();
[[nodiscard]] Step clean();
[[nodiscard]] Step ensure_cron();
[[nodiscard]] Step fail_unknown_types();

}  // namespace errand::testing
