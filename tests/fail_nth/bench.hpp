#pragma once

#include <memory>
#include <string>
#include <vector>

#include "helpers/database_digest.hpp"
#include "helpers/database_home.hpp"
#include "helpers/failing_connection.hpp"
#include "helpers/store_values.hpp"

namespace errand::testing {

/// One database, an honest store on it, and one whose connections follow a plan. `reset` begins the
/// next run.
class Bench {
 public:
  explicit Bench(const std::string& kind) : home_{kind}, honest_{open_store(home_.options())} {}

  void reset() {
    failing_.reset();
    plan.heal();
    accept_all();
    delete_all_rows(*honest_);
    home_.clock().set(start);
    failing_ = home_.open_wrapped(
        [this](auto connect) { return errand::testing::failing(std::move(connect), plan); });
    held.clear();
    ids.clear();
    worker = begin_worker(1);
  }

  [[nodiscard]] Store& failing() { return *failing_; }

  [[nodiscard]] Store& honest() { return *honest_; }

  [[nodiscard]] std::string digest() { return DatabaseDigest::of(honest_->database()); }

  [[nodiscard]] TimePoint now() const { return home_.clock().wall_now(); }

  void advance(milliseconds duration) { home_.clock().advance(duration); }

  [[nodiscard]] const DatabaseHome& home() const { return home_; }

  ProcessId begin_worker(int slot) {
    return honest_->jobs().begin_process(
        {.node = "n", .hostname = "h", .slot = slot, .pid = 40 + slot, .types = work_types});
  }

  /// Remembers the ids, in order.
  void submit(const std::vector<PreparedJob>& jobs) {
    for (const Submitted& submitted : honest_->jobs().submit(jobs))
      ids.push_back(submitted.id);
  }

  /// The worker takes what is due; remembers it.
  void claim(int limit = 100) { held = honest_->jobs().exchange({}, request(limit)).claimed; }

  [[nodiscard]] ClaimRequest request(int limit = 100) const {
    return {.process = worker, .limit = limit, .types = work_types};
  }

  /// From now on, the database refuses to finish jobs of this tag, whatever the program says.
  void refuse_to_finish(const std::string& tag) {
    const std::string when = " WHEN (old.tag = '" + tag + "' AND new.finished IS NOT NULL) ";
    const std::string trigger =
        "CREATE TRIGGER refuse BEFORE UPDATE OF finished ON worker_jobs FOR EACH ROW" + when;
    honest_->database().with_transaction([&](Transaction& tx) {
      if (home_.is_postgresql())
        tx.execute(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'refused'; END $$");
      tx.execute(trigger + (home_.is_postgresql() ? "EXECUTE FUNCTION refuse()"
                                                  : "BEGIN SELECT RAISE(ABORT, 'refused'); END"));
    });
    refuses_ = true;
  }

  [[nodiscard]] std::string tag_of(JobId id) {
    const auto job = honest_->reader().find(id);
    return job ? job->tag : "nothing";
  }

  FailurePlan plan{};
  ProcessId worker{0};
  std::vector<ClaimedJob> held{};
  std::vector<JobId> ids{};

 private:
  static constexpr TimePoint start{std::chrono::seconds{1'800'000'000}};

  void accept_all() {
    if (!std::exchange(refuses_, false))
      return;
    honest_->database().with_transaction([this](Transaction& tx) {
      tx.execute(home_.is_postgresql() ? "DROP TRIGGER refuse ON worker_jobs"
                                       : "DROP TRIGGER refuse");
    });
  }

  DatabaseHome home_;
  bool refuses_{false};
  std::unique_ptr<Store> honest_;
  std::unique_ptr<Store> failing_{};
};

}  // namespace errand::testing
