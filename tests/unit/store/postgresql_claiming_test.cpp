// What a claim makes of heads that it remembers.

#include <gmock/gmock.h>

#include "base/system_clock.hpp"
#include "helpers/postgres_cluster.hpp"
#include "helpers/store_values.hpp"
#include "store/claiming.hpp"
#include "store/open_store.hpp"
#include "store/postgresql/postgres_connection.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::TemporaryPostgres;
using errand::testing::work_job;
using ::testing::SizeIs;

/// A claim that remembers a hundred queues in which nothing waits any more.
class RememberedHeads : public ::testing::Test {
 protected:
  RememberedHeads() {
    connection_.begin();
    std::vector<WaitingHead> gone;
    for (int queue = 0; queue < 100; ++queue)
      gone.push_back({.queue = "gone" + std::to_string(queue)});
    memory_.note_read(gone, {.asked = memory_.now() - 1h}, connection_.now());
    memory_.keep(gone);
  }

  ~RememberedHeads() override { connection_.rollback(); }

  /// Due long ago: the claim's clock is another one than the submission's.
  void submit() {
    PreparedJob job = work_job("t");
    job.due = Due{TimePoint{}};
    store_->jobs().submit(std::vector{job});
    connection_.rollback();
    connection_.begin();
  }

  Claiming claiming() { return Claiming{connection_, request_, connection_.now(), 0, memory_}; }

  const std::vector<std::string> types_{"work"};
  TemporaryPostgres database_{};
  std::unique_ptr<Store> store_{errand::open_store({.database_url = database_.url()})};
  ClaimRequest request_{.process = store_->jobs().begin_process({.node = "n", .types = types_}),
                        .limit = 1,
                        .types = types_};
  PostgresConnection connection_{std::make_shared<PostgresServer>(database_.url(), nullptr)};
  HeadMemory memory_{std::make_shared<SystemClock>()};
};

TEST_F(RememberedHeads, AreReadAnewBeforeAClaimFindsNothing) {
  submit();
  EXPECT_THAT(claiming().take(), SizeIs(1));
}

TEST_F(RememberedHeads, AreReadAnewBeforeALookFindsNothing) {
  submit();
  EXPECT_TRUE(claiming().look());
}

/// They still wait in their rows, and a hold is over in a moment.
TEST_F(RememberedHeads, AreNotReadAnewBesideWhatIsHeld) {
  submit();
  auto heads = memory_.take();
  heads.push_back({.queue = "default"});
  memory_.keep(heads);
  request_.limit = 10;
  EXPECT_THAT(claiming().hold(), SizeIs(1));
}

TEST_F(RememberedHeads, AreForgottenOnceTheyAreSpent) {
  EXPECT_THAT(claiming().take(), SizeIs(0));
  EXPECT_THAT(memory_.take(), SizeIs(0));
}

/// What is dead before it is not passed over again.
TEST_F(RememberedHeads, MoveOnToWhatWasTakenLast) {
  submit();
  submit();
  submit();
  for (int claims = 0; claims < 2; ++claims) {
    memory_.keep({{.queue = "default"}});
    const auto claimed = claiming().take();
    ASSERT_THAT(claimed, SizeIs(1));
    const auto heads = memory_.take();
    ASSERT_THAT(heads, SizeIs(1));
    EXPECT_EQ(heads.front().id, claimed.front().id);
  }
}

TEST_F(RememberedHeads, StayWhenNothingIsTaken) {
  static_cast<void>(claiming());
  EXPECT_THAT(memory_.take(), SizeIs(100));
}

}  // namespace
}  // namespace errand::sql
