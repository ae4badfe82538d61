// Random operations against the store and against a model that fits in a map; after every one the
// answers agree, and so does every row.

#include "model/store_model.hpp"

#include <rapidcheck.h>

#include <gtest/gtest.h>

#include "helpers/postgres_cluster.hpp"
#include "helpers/settable_clock.hpp"
#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> types{"work"};

struct Step {
  int kind{0};
  int pick{0};  ///< which job, claim or variant
  int amount{0};
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{" << step.kind << "," << step.pick << "," << step.amount << "}";
}

/// The store and the model, driven by the same steps.
class Bench {
 public:
  explicit Bench(const std::string& url)
      : store_{
            open_store({.database_url = url, .durability = Durability::relaxed, .clock = clock_})} {
    store_->migrate();
    worker_ = store_->jobs().begin_process({.node = "n", .types = types});
  }

  void take(const Step& step) {
    switch (step.kind) {
      case 0:
      case 1:
        return submit(step);
      case 2:
      case 3:
        return claim(step);
      case 4:
      case 5:
        return finish(step);
      case 6:
        return put_back(step);
      case 7:
        return cancel(step);
      case 8:
        return retry(step);
      case 9:
        return remove(step);
      case 10:
        clock_->advance(1s * step.amount);
        return;
      default:
        return remove_old(step);
    }
  }

  void compare() {
    const auto rows = store_->reader().list({.limit = 1000}).jobs;
    RC_ASSERT(rows.size() == model_.jobs().size());
    for (const Job& row : rows) {
      const auto& expected = model_.jobs().at(row.id);
      RC_ASSERT(row.tag == expected.tag);
      RC_ASSERT(row.state == expected.state);
      RC_ASSERT(row.reason == expected.reason);
      RC_ASSERT(row.due == expected.due);
      RC_ASSERT(row.attempt == expected.attempt);
      RC_ASSERT(row.root_job.value_or(row.id) == expected.root);
      RC_ASSERT(row.cancel_requested == expected.cancel_requested);
      RC_ASSERT(row.cron_schedule.empty() != expected.is_cron);
      RC_ASSERT(row.remove_at == expected.remove_at);
    }
    const auto held = store_->jobs().beat(worker_, 0).claims;
    std::size_t started = 0;
    for (const auto& [id, job] : model_.jobs())
      started += job.state == JobState::started ? 1U : 0U;
    RC_ASSERT(held.size() == started);
    for (const HeldClaim& claim : held)
      RC_ASSERT(claim.claim_seq == model_.jobs().at(claim.id).claim_seq);
  }

 private:
  [[nodiscard]] TimePoint now() const { return clock_->wall_now(); }

  [[nodiscard]] std::optional<JobId> pick_job(int pick) const {
    if (model_.jobs().empty())
      return std::nullopt;
    auto at = model_.jobs().begin();
    std::advance(at, static_cast<std::size_t>(pick) % model_.jobs().size());
    return at->first;
  }

  void submit(const Step& step) {
    PreparedJob job;
    job.tag = "tag" + std::to_string(step.pick % 3);
    job.type = "work";
    job.queue = step.pick % 2 == 0 ? "a" : "b";
    job.data = "{}";
    job.priority = step.pick % 5 - 2;
    job.due = Due{1s * (step.amount % 3 * 10)};
    job.on_pending_tag = static_cast<OnPendingTag>(step.amount % 3);
    if (step.pick % 4 == 0)
      job.unique_key = "key" + std::to_string(step.amount % 2);
    if (step.pick % 7 == 0) {
      job.cron_schedule = "0 0 * * * *";
      job.cron_slot = now() + job.due.delay();
    }
    const auto kept = model_.kept_by(job);
    const bool refused = !kept && model_.refuses(job);
    try {
      const auto submitted = store_->jobs().submit({&job, 1}).at(0);
      RC_ASSERT(!refused);
      RC_ASSERT(submitted.created == !kept);
      if (kept)
        RC_ASSERT(submitted.id == *kept);
      else
        model_.submit(submitted.id, job, now());
    } catch (const Error& error) {
      RC_ASSERT(refused);
      RC_ASSERT(error.kind() == ErrorKind::conflict);
    }
  }

  void claim(const Step& step) {
    const int limit = step.amount % 4 + 1;
    const auto result =
        store_->jobs().exchange({}, {.process = worker_, .limit = limit, .types = types});
    const auto expected = model_.claimable(limit, now());
    RC_ASSERT(result.claimed.size() == expected.size());
    for (std::size_t index = 0; index < expected.size(); ++index) {
      const ClaimedJob& taken = result.claimed[index];
      RC_ASSERT(taken.priority == model_.jobs().at(expected[index]).priority);
      RC_ASSERT(model_.jobs().at(taken.id).waits());
      RC_ASSERT(taken.due <= now());
      model_.claim(taken.id);
      RC_ASSERT(taken.claim_seq == model_.jobs().at(taken.id).claim_seq);
      claims_.push_back({taken.id, taken.claim_seq});
    }
    if (result.claimed.size() < static_cast<std::size_t>(limit))
      RC_ASSERT(result.next_due == model_.next_due(now()));
  }

  void finish(const Step& step) {
    if (claims_.empty())
      return;
    const auto [id, claim_seq] = claims_[static_cast<std::size_t>(step.pick) % claims_.size()];
    Transition transition;
    const bool fails = step.amount % 2 == 1;
    const bool running = model_.jobs().contains(id) &&
                         model_.jobs().at(id).state == JobState::started &&
                         model_.jobs().at(id).claim_seq == claim_seq;
    if (fails) {
      transition.state = JobState::failed;
      transition.reason = "error";
      transition.retry_delay = 5s;
    }
    const std::vector<Completion> batch{{id, claim_seq, transition}};
    const bool recorded = store_->jobs().exchange(batch, {}).recorded.at(0);
    RC_ASSERT(recorded == model_.finish(id, claim_seq, transition.state, now()));
    if (running && fails)
      model_.add_retry(store_->reader().last_attempt(id)->id, id, now() + 5s);
  }

  void put_back(const Step& step) {
    if (claims_.empty())
      return;
    const auto [id, claim_seq] = claims_[static_cast<std::size_t>(step.pick) % claims_.size()];
    Transition transition;
    transition.to = Transition::To::scheduled;
    transition.delay = 1s * step.amount;
    const std::vector<Completion> batch{{id, claim_seq, transition}};
    const bool recorded = store_->jobs().exchange(batch, {}).recorded.at(0);
    const auto due =
        transition.delay > 0ms ? std::optional{now() + transition.delay} : std::nullopt;
    RC_ASSERT(recorded == model_.put_back(id, claim_seq, due));
  }

  void cancel(const Step& step) {
    const auto id = pick_job(step.pick);
    if (!id)
      return;
    const bool legal = model_.cancel(*id, now());
    expect_legal(legal, [&] { store_->jobs().cancel(*id); });
  }

  void retry(const Step& step) {
    const auto id = pick_job(step.pick);
    if (!id)
      return;
    const bool legal = model_.retry_is_legal(*id);
    expect_legal(legal, [&] { model_.add_retry(store_->jobs().retry(*id).value(), *id, now()); });
  }

  void remove(const Step& step) {
    const auto id = pick_job(step.pick);
    if (!id)
      return;
    // A chain without its first row is not what this model tells.
    if (model_.jobs().at(*id).attempt > 1 || model_.jobs().at(*id).finished())
      return;
    const bool legal = model_.remove(*id);
    expect_legal(legal, [&] { RC_ASSERT(store_->jobs().remove(*id)); });
  }

  void remove_old(const Step& step) {
    if (step.pick % 8 != 0)
      return;
    clock_->advance(24h * 8);
    RC_ASSERT(store_->jobs().remove_old(1000, 0) == model_.remove_old(now()));
  }

  template <typename Call>
  void expect_legal(bool legal, Call call) {
    try {
      call();
      RC_ASSERT(legal);
    } catch (const Error& error) {
      RC_ASSERT(!legal);
      RC_ASSERT(error.kind() == ErrorKind::conflict);
    }
  }

  std::shared_ptr<SettableClock> clock_{std::make_shared<SettableClock>()};
  std::unique_ptr<Store> store_;
  StoreModel model_{};
  ProcessId worker_{0};
  std::vector<std::pair<JobId, int>> claims_{};
};

rc::Gen<Step> any_step() {
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, rc::gen::inRange(0, 12)),
                              rc::gen::set(&Step::pick, rc::gen::inRange(0, 1000)),
                              rc::gen::set(&Step::amount, rc::gen::inRange(0, 12)));
}

/// `new_database` returns the URL of an empty one.
void expect_agreement(const std::function<std::string()>& new_database) {
  EXPECT_TRUE(rc::check("random operations leave store and model alike", [&] {
    const auto steps = *rc::gen::resize(90, rc::gen::container<std::vector<Step>>(any_step()));
    Bench bench{new_database()};
    for (const Step& step : steps) {
      bench.take(step);
      bench.compare();
    }
  }));
}

TEST(StoreModel, AgreesWithSqliteOnRandomOperations) {
  std::optional<TemporaryDatabase> file;
  expect_agreement([&] { return file.emplace().url(); });
}

TEST(StoreModel, AgreesWithPostgresqlOnRandomOperations) {
  const TemporaryPostgres database;
  PostgresSession session{database.url()};
  expect_agreement([&] {
    session.run("TRUNCATE worker_jobs, worker_processes");
    return database.url();
  });
}

}  // namespace
}  // namespace errand::testing
