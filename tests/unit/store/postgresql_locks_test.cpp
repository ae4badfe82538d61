// Which rows a transaction holds while it waits: seen from other sessions of the same server.

#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "helpers/postgres_cluster.hpp"
#include "helpers/store_values.hpp"
#include "store/open_store.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PostgresLocks : public ::testing::Test {
 protected:
  PostgresLocks() { worker_ = store_->jobs().begin_process({.node = "n", .types = types_}); }

  void submit(std::size_t count) { store_->jobs().submit(std::vector(count, work_job("t"))); }

  std::vector<ClaimedJob> claim(int count) {
    submit(static_cast<std::size_t>(count));
    return store_->jobs()
        .exchange({}, {.process = worker_, .limit = count, .types = types_})
        .claimed;
  }

  /// Returns once `call` waits for a lock; false when it ends without.
  bool waits(const std::future<void>& call) {
    while (call.wait_for(1ms) == std::future_status::timeout)
      if (watcher_.run("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                       "datname = current_database()") != "0")
        return true;
    return false;
  }

  const std::vector<std::string> types_{"work"};
  TemporaryPostgres database_{};
  std::unique_ptr<Store> store_{open_store({.database_url = database_.url()})};
  PostgresSession watcher_{database_.url()};
  ProcessId worker_{0};
};

TEST_F(PostgresLocks, TheEndOfAWorkerWaitsForAClaimOfItsThatIsUnderWay) {
  std::future<void> end;
  bool waited = false;
  store_->database().with_transaction([&](Transaction&) {
    EXPECT_THAT(claim(1), SizeIs(1));
    end = std::async(std::launch::async, [&] { store_->jobs().end_process(worker_, "dead"); });
    waited = waits(end);
  });
  end.get();
  EXPECT_TRUE(waited);
  EXPECT_THAT(store_->jobs().claims_of(worker_), SizeIs(1));
  EXPECT_THAT(claim(1), IsEmpty());
}

TEST_F(PostgresLocks, WhatIsHeldIsLocked) {
  submit(3);
  const auto held =
      store_->jobs()
          .exchange({}, {.process = worker_, .limit = 2, .types = types_, .hold = true})
          .claimed;
  ASSERT_THAT(held, SizeIs(2));
  ASSERT_TRUE(held.front().held);
  EXPECT_EQ(watcher_.run("SELECT min(id) FROM (SELECT id FROM worker_jobs WHERE started IS NULL "
                         "FOR NO KEY UPDATE SKIP LOCKED) free"),
            std::to_string(held.back().id + 1));
}

/// Of jobs that end, and of jobs that are put back.
class CompletionOrder : public PostgresLocks, public ::testing::WithParamInterface<bool> {};

TEST_P(CompletionOrder, IsTheOrderOfIdsSoThatTwoThatRecordNeverWaitForEachOther) {
  Transition transition;
  transition.to = GetParam() ? Transition::To::scheduled : Transition::To::finished;
  std::vector<Completion> batch;
  for (const ClaimedJob& job : claim(5))
    batch.insert(batch.begin(), {job.id, job.claim_seq, transition, job.process});
  PostgresSession holder{database_.url()};
  holder.run("BEGIN; SELECT id FROM worker_jobs ORDER BY id LIMIT 1 FOR UPDATE");
  auto recording = std::async(std::launch::async, [&] { store_->jobs().exchange(batch, {}); });
  EXPECT_TRUE(waits(recording));
  EXPECT_EQ(
      watcher_.run("SELECT count(*) FROM (SELECT id FROM worker_jobs FOR UPDATE SKIP LOCKED) x"),
      "4");
  holder.run("ROLLBACK");
  recording.get();
}

INSTANTIATE_TEST_SUITE_P(PutBack, CompletionOrder, ::testing::Bool());

}  // namespace
}  // namespace errand::testing
