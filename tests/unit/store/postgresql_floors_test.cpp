// Heads that are read from their floors on.

#include <gmock/gmock.h>

#include "helpers/postgres_cluster.hpp"
#include "helpers/settable_clock.hpp"
#include "helpers/store_values.hpp"
#include "store/claiming.hpp"
#include "store/open_store.hpp"
#include "store/postgresql/postgres_connection.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::PostgresSession;
using errand::testing::TemporaryPostgres;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FloorsInPostgres : public ::testing::Test {
 protected:
  /// In the order of queues and priorities: "queue priority due".
  std::vector<std::string> heads_from(const std::string& floors) {
    const std::string text = session_.run(
        "SELECT string_agg(queue || ' ' || priority || ' ' || extract(epoch FROM due)::integer, "
        "',' "
        "ORDER BY queue, priority) FROM errand_waiting_heads_from('" +
        floors + "')");
    std::vector<std::string> heads;
    std::istringstream lines{text};
    for (std::string each; std::getline(lines, each, ',');)
      heads.push_back(each);
    return heads;
  }

  void add(const std::string& queue, int priority, int due_s) {
    session_.run(
        "INSERT INTO worker_jobs (tag, type, queue, priority, due) VALUES ('t', 'work', '" + queue +
        "', " + std::to_string(priority) + ", to_timestamp(" + std::to_string(due_s) + "))");
  }

  static std::string floor(const std::string& queue, int priority, int due_s) {
    return R"({"floor_queue":")" + queue + R"(","floor_priority":)" + std::to_string(priority) +
           R"(,"floor_due":)" + std::to_string(std::int64_t{1'000'000} * due_s) + "}";
  }

  TemporaryPostgres database_{};
  PostgresSession session_{database_.url()};
};

TEST_F(FloorsInPostgres, LeaveOutOnlyWhatIsDueBeforeThem) {
  for (const int due_s : {10, 20, 30}) {
    add("a", 0, due_s);
    add("b", 1, due_s);
  }
  EXPECT_THAT(heads_from("[" + floor("b", 1, 20) + "]"), ElementsAre("a 0 10", "b 1 20"));
  EXPECT_THAT(heads_from("[" + floor("b", 1, 31) + "," + floor("a", 0, 11) + "]"),
              ElementsAre("a 0 20"));
}

/// Before, between and behind the floors, of the same queues and of others.
TEST_F(FloorsInPostgres, HideNoOtherHead) {
  for (const char* queue : {"A", "a", "aa", "b", "c"})
    for (const int priority : {-2'147'483'647 - 1, -1, 0, 1, 2'147'483'647})
      add(queue, priority, 10);
  const std::vector<std::string> all = heads_from("[]");
  ASSERT_THAT(all, SizeIs(25));
  EXPECT_EQ(heads_from("[" + floor("a", 0, 0) + "]"), all);
  EXPECT_EQ(heads_from("[" + floor("a", 1, 0) + "," + floor("a", -1, 0) + "]"), all);
  EXPECT_EQ(heads_from("[" + floor("b", 0, 0) + "," + floor("a", 0, 0) + "]"), all);
  EXPECT_EQ(
      heads_from("[" + floor("0", 5, 0) + "," + floor("ab", 5, 0) + "," + floor("z", 5, 0) + "]"),
      all);
  EXPECT_EQ(
      heads_from("[" + floor("A", -2'147'483'647, 0) + "," + floor("c", 2'147'483'647, 0) + "]"),
      all);
}

/// Where nothing can be cleared away a page of the index has 200 entries, each of another row.
TEST_F(FloorsInPostgres, PassOverNothingThatIsDeadBeforeThem) {
  PostgresSession snapshot{database_.url()};
  snapshot.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
  const std::vector<std::pair<std::string, int>> places{{"a", 0}, {"a", 5}, {"b", 5}};
  for (const auto& [queue, priority] : places)
    session_.run("INSERT INTO worker_jobs (tag, type, queue, priority, due) SELECT 't', 'work', '" +
                 queue + "', " + std::to_string(priority) +
                 ", to_timestamp(number) FROM generate_series(1, 20000) AS number");
  session_.run("UPDATE worker_jobs SET started = now(), finished = now(), success = true");
  std::string floors;
  for (const auto& [queue, priority] : places) {
    add(queue, priority, 20000);
    floors = floor(queue, priority, 20000) + (floors.empty() ? "" : ",") + floors;
  }
  floors = "[" + floors + "]";
  EXPECT_THAT(heads_from(floors), ElementsAre("a 0 20000", "a 5 20000", "b 5 20000"));
  const auto tuples_read = [&](const std::string& from) {
    session_.run("SELECT pg_stat_force_next_flush()");
    const auto count = [&] {
      return std::stol(
          session_.run("SELECT pg_stat_get_tuples_returned('worker_jobs_waiting'::regclass)"));
    };
    const long before = count();
    heads_from(from);
    session_.run("SELECT pg_stat_force_next_flush()");
    return count() - before;
  };
  EXPECT_GT(tuples_read("[]"), 60'000);
  EXPECT_LT(tuples_read(floors), 20);
}

/// A claim whose process has read everything in a second, and knows where its queue began.
class ClaimsFromFloors : public ::testing::Test {
 protected:
  ClaimsFromFloors() {
    submit(connection_.now());
    const HeadReading whole{.asked = clock_->steady_now()};
    clock_->advance_steady(1s);
    memory_.note_read(std::vector{WaitingHead{.queue = "default", .due = connection_.now()}},
                      whole,
                      connection_.now());
    memory_.keep({});
    EXPECT_THAT(claim(10).first, SizeIs(1));
    memory_.keep({});
  }

  void submit(TimePoint due) {
    PreparedJob job = errand::testing::work_job("t");
    job.due = Due{due};
    store_->jobs().submit(std::vector{job});
  }

  std::pair<std::vector<ClaimedJob>, std::optional<TimePoint>> claim(int limit) {
    request_.limit = limit;
    connection_.begin();
    now_ = connection_.now();
    std::vector<ClaimedJob> claimed;
    std::optional<TimePoint> next_due;
    {
      Claiming claiming{connection_, request_, now_, 0, memory_};
      claimed = claiming.take();
      next_due = claiming.next_due();
    }
    connection_.commit();
    return {std::move(claimed), next_due};
  }

  bool look() {
    request_.limit = 1;
    Claiming claiming{connection_, request_, connection_.now(), 0, memory_};
    return claiming.look();
  }

  const std::vector<std::string> types_{"work"};
  TemporaryPostgres database_{};
  std::unique_ptr<Store> store_{errand::open_store({.database_url = database_.url()})};
  ClaimRequest request_{.process = store_->jobs().begin_process({.node = "n", .types = types_}),
                        .types = types_};
  PostgresConnection connection_{std::make_shared<PostgresServer>(database_.url(), nullptr)};
  std::shared_ptr<testing::SettableClock> clock_{std::make_shared<testing::SettableClock>()};
  HeadMemory memory_{clock_};
  TimePoint now_{};
};

TEST_F(ClaimsFromFloors, FindWhatCameSince) {
  submit(connection_.now());
  EXPECT_TRUE(look());
  EXPECT_THAT(claim(10).first, SizeIs(1));
}

TEST_F(ClaimsFromFloors, FindWhatIsDueLongAgoOnceTheyHaveFoundNothingForLongEnough) {
  submit(connection_.now() - 1h);
  clock_->advance_steady(19s);
  EXPECT_FALSE(look());
  const auto [nothing, next_due] = claim(10);
  EXPECT_THAT(nothing, IsEmpty());
  EXPECT_EQ(next_due, now_ + 1s) << "they look again when it can be found";
  clock_->advance_steady(1s);
  EXPECT_TRUE(look());
  EXPECT_THAT(claim(10).first, SizeIs(1));
}

TEST_F(ClaimsFromFloors, ReadEverythingAfterAHundredTimesAsLongAlthoughTheyAreBusy) {
  submit(connection_.now() - 1h);
  submit(connection_.now());
  clock_->advance_steady(99s);
  EXPECT_THAT(claim(1).first.at(0).due, ::testing::Gt(connection_.now() - 1min));
  memory_.keep({});
  submit(connection_.now());
  clock_->advance_steady(1s);
  EXPECT_THAT(claim(1).first.at(0).due, ::testing::Lt(connection_.now() - 1min));
}

}  // namespace
}  // namespace errand::sql
