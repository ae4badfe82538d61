// What claimed rows say is read when others may write again.

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "helpers/failing_connection.hpp"
#include "helpers/settable_clock.hpp"
#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"
#include "store/sql_store.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using errand::testing::failing;
using errand::testing::FailurePlan;
using ::testing::ElementsAre;

PreparedJob make_job(int number, TimePoint due) {
  PreparedJob job;
  job.tag = "t";
  job.type = "work";
  job.queue = "default";
  job.data = std::to_string(number);
  job.due = due;
  return job;
}

/// Another program, which does not wait.
class Outsider {
 public:
  explicit Outsider(const std::string& path) {
    if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK)
      throw std::runtime_error{sqlite3_errmsg(handle_)};
  }

  ~Outsider() { sqlite3_close(handle_); }

  Outsider(const Outsider&) = delete;
  Outsider& operator=(const Outsider&) = delete;

  /// True: it could, and there was such a row.
  [[nodiscard]] bool removes(const std::string& which) {
    const std::string sql = "DELETE FROM worker_jobs WHERE " + which;
    return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK &&
           sqlite3_changes(handle_) == 1;
  }

 private:
  sqlite3* handle_{nullptr};
};

/// Three jobs, due in the order 2, 3, 1. Before its Nth call of the database, row 3 is removed if
/// it is held.
class ClaimedRows : public ::testing::Test {
 protected:
  std::vector<ClaimedJob> claim(int nth) {
    const TemporaryDatabase file;
    const auto submitter =
        open_store({.database_url = file.url(), .durability = Durability::relaxed});
    submitter->migrate();
    const std::vector<PreparedJob> jobs{
        make_job(1, TimePoint{9s}), make_job(2, TimePoint{7s}), make_job(3, TimePoint{8s})};
    submitter->jobs().submit(jobs);
    Outsider outsider{file.path()};
    plan_.harm = [&](Connection&) {
      removed_ = outsider.removes(
          "id = 3 AND EXISTS (SELECT 1 FROM worker_processes WHERE held_jobs IS NOT NULL)");
    };
    auto dialect = sqlite_dialect({.durability = Durability::relaxed}, file.path());
    dialect.connect = failing(dialect.connect, plan_);
    SqlStore store{std::move(dialect), {}, clock_};
    const std::vector<std::string> types{"work"};
    const ProcessId process = store.jobs().begin_process({.node = "n", .types = types});
    removed_ = false;
    plan_.hit = false;
    plan_.countdown = nth;
    return store.jobs()
        .exchange({}, {.process = process, .limit = 3, .types = types, .hold = true})
        .claimed;
  }

  /// Else a slow reading would be remembered, and the next run make fewer calls.
  std::shared_ptr<const Clock> clock_{std::make_shared<testing::SettableClock>()};
  FailurePlan plan_{};
  bool removed_{false};
};

std::vector<std::string> contents_of(const std::vector<ClaimedJob>& claimed) {
  std::vector<std::string> contents;
  for (const ClaimedJob& job : claimed) {
    EXPECT_EQ(job.data, std::to_string(job.id));
    EXPECT_EQ(job.claim_seq, 1);
    EXPECT_TRUE(job.held);
    EXPECT_GT(job.started, TimePoint{9s});
    contents.push_back(job.data);
  }
  return contents;
}

TEST_F(ClaimedRows, AreInTheOrderOfTheClaimWithoutThoseThatAreGoneByThen) {
  bool was_removed = false;
  for (int nth = 1;; ++nth) {
    const auto contents = contents_of(claim(nth));
    if (!plan_.hit) {
      EXPECT_THAT(contents, ElementsAre("2", "3", "1"));
      break;
    }
    if (removed_) {
      EXPECT_THAT(contents, ElementsAre("2", "1")) << nth;
    }
    was_removed = was_removed || removed_;
  }
  EXPECT_TRUE(was_removed) << "others can write when the rows are read";
}

}  // namespace
}  // namespace errand::sql
