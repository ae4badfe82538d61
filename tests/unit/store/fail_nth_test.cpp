// Every database call of a scenario fails once, before and after it took effect; the caller then
// does what callers do, tries again, and nothing is lost, doubled or half done.

#include <gtest/gtest.h>

#include "helpers/failing_connection.hpp"
#include "helpers/postgres_cluster.hpp"
#include "helpers/settable_clock.hpp"
#include "helpers/temporary_database.hpp"
#include "store/sql_store.hpp"

namespace errand::testing {
namespace {

const std::vector<std::string> types{"work"};

PreparedJob make_job(const std::string& tag) {
  PreparedJob job;
  job.tag = tag;
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  job.idempotency_key = tag;
  return job;
}

/// A database of either kind.
class Home {
 public:
  enum class Content { migrated, empty };

  Home(const std::string& kind, Content content) {
    if (kind == "sqlite")
      file_.emplace();
    else
      postgres_.emplace(content == Content::migrated ? TemporaryPostgres::Content::migrated
                                                     : TemporaryPostgres::Content::empty);
    if (content == Content::migrated)
      open_store(options())->migrate();
  }

  [[nodiscard]] StoreOptions options() const {
    return {.database_url = file_ ? file_->url() : postgres_->url(),
            .durability = Durability::relaxed,
            .clock = clock_};
  }

  [[nodiscard]] sql::Dialect dialect() const {
    return file_ ? sql::sqlite_dialect(options(), file_->path()) : sql::postgres_dialect(options());
  }

 private:
  std::optional<TemporaryDatabase> file_{};
  std::optional<TemporaryPostgres> postgres_{};
  std::shared_ptr<SettableClock> clock_{std::make_shared<SettableClock>()};
};

/// A store whose connections follow a plan, beside an honest one on the same database.
class Rig {
 public:
  explicit Rig(const std::string& kind) : home_{kind, Home::Content::migrated} {
    honest_ = open_store(home_.options());
    auto dialect = home_.dialect();
    dialect.connect = [this, real = dialect.connect] {
      return std::make_unique<FailingConnection>(real(), plan_);
    };
    failing_ = std::make_unique<sql::SqlStore>(std::move(dialect), RetentionDefaults{});
    worker_ = honest_->jobs().begin_process({.node = "n", .types = types});
  }

  [[nodiscard]] JobStore& failing() { return failing_->jobs(); }

  [[nodiscard]] JobStore& honest() { return honest_->jobs(); }

  [[nodiscard]] JobReader& reader() { return honest_->reader(); }

  [[nodiscard]] ClaimRequest request() const {
    return {.process = worker_, .limit = 10, .types = types};
  }

  [[nodiscard]] ProcessId worker() const { return worker_; }

  void arm(int nth, bool after) { plan_ = {.countdown = nth, .after = after}; }

  [[nodiscard]] bool hit() const { return plan_.hit; }

 private:
  Home home_;
  FailurePlan plan_{};
  std::unique_ptr<Store> honest_{};
  std::unique_ptr<Store> failing_{};
  ProcessId worker_{0};
};

/// Runs the scenario for the 1st, 2nd, … call until one run is not touched by any failure.
template <typename Scenario>
void for_every_call(const std::string& kind, Scenario scenario) {
  for (const bool after : {false, true})
    for (int nth = 1;; ++nth) {
      SCOPED_TRACE("call " + std::to_string(nth) + (after ? ", answer lost" : ", not done"));
      ASSERT_LT(nth, 100);
      Rig rig{kind};
      scenario(rig, nth, after);
      if (!rig.hit()) {
        EXPECT_GT(nth, 3);
        break;
      }
    }
}

template <typename Call>
auto with_one_more_try(Call call) {
  try {
    return call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    return call();
  }
}

class FailNth : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Store,
                         FailNth,
                         ::testing::Values("sqlite", "postgresql"),
                         [](const auto& tested) { return tested.param; });

TEST_P(FailNth, ASubmissionIsStoredOnce) {
  for_every_call(GetParam(), [](Rig& rig, int nth, bool after) {
    const std::vector<PreparedJob> pair{make_job("a"), make_job("b")};
    rig.arm(nth, after);
    const auto submitted = with_one_more_try([&] { return rig.failing().submit(pair); });
    EXPECT_EQ(rig.reader().list({}).jobs.size(), 2U);
    EXPECT_EQ(rig.reader().find(submitted.at(1).id)->tag, "b");
  });
}

TEST_P(FailNth, AnExchangeRecordsOnceAndLeavesNoJobBehind) {
  for_every_call(GetParam(), [](Rig& rig, int nth, bool after) {
    const auto first = make_job("first");
    rig.honest().submit({&first, 1});
    const auto held = rig.honest().exchange({}, rig.request()).claimed.at(0);
    const auto second = make_job("second");
    rig.honest().submit({&second, 1});
    Transition failed;
    failed.state = JobState::failed;
    failed.retry_delay = std::chrono::hours{1};
    const std::vector<Completion> batch{{held.id, held.claim_seq, failed}};
    rig.arm(nth, after);
    const auto result =
        with_one_more_try([&] { return rig.failing().exchange(batch, rig.request()); });
    EXPECT_TRUE(result.recorded.at(0));
    EXPECT_EQ(rig.reader().attempts_of(held.id).size(), 2U);
    EXPECT_EQ(rig.reader().find(held.id)->state, JobState::failed);
    // What a lost answer claimed is what the next beat tells.
    EXPECT_EQ(rig.honest().beat(rig.worker(), 0).claims.size(), 1U);
  });
}

TEST_P(FailNth, ACancelEndsTheJob) {
  for_every_call(GetParam(), [](Rig& rig, int nth, bool after) {
    const auto job = make_job("a");
    const auto id = rig.honest().submit({&job, 1}).at(0).id;
    rig.arm(nth, after);
    try {
      const auto cancelled = with_one_more_try([&] { return rig.failing().cancel(id); });
      EXPECT_EQ(cancelled->state, JobState::cancelled);
    } catch (const Error& error) {  // done by the try whose answer was lost
      EXPECT_EQ(error.kind(), ErrorKind::conflict);
    }
    EXPECT_EQ(rig.reader().find(id)->state, JobState::cancelled);
  });
}

TEST_P(FailNth, AMigrationIsWholeOrNotThere) {
  for (const bool after : {false, true})
    for (int nth = 1;; ++nth) {
      ASSERT_LT(nth, 50);
      const Home home{GetParam(), Home::Content::empty};
      FailurePlan plan{.countdown = nth, .after = after};
      auto dialect = home.dialect();
      dialect.connect = [&plan, real = dialect.connect] {
        return std::make_unique<FailingConnection>(real(), plan);
      };
      sql::SqlStore store{std::move(dialect), {}};
      with_one_more_try([&] { return store.migrate(); });
      plan.countdown = 0;
      EXPECT_TRUE(store.pending_migrations().empty());
      EXPECT_NO_THROW(static_cast<void>(store.reader().list({})));
      if (!plan.hit)
        break;
    }
}

}  // namespace
}  // namespace errand::testing
