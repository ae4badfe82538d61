// The ids of many jobs that were inserted at once.

#include <gtest/gtest.h>

#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

/// Two many-row statements and a single one.
constexpr int many = 65;

class SqliteIds : public ::testing::Test {
 protected:
  SqliteIds() { store_->migrate(); }

  void run(const std::string& sql) {
    store_->database().with_transaction([&](Transaction& tx) { tx.execute(sql); });
  }

  std::vector<JobId> submit_many() {
    std::vector<PreparedJob> jobs(many);
    for (int number = 0; number < many; ++number) {
      PreparedJob& job = jobs[static_cast<std::size_t>(number)];
      job.tag = "many";
      job.type = "work";
      job.queue = "default";
      job.data = std::to_string(number);
    }
    std::vector<JobId> ids;
    for (const Submitted& submitted : store_->jobs().submit(jobs))
      ids.push_back(submitted.id);
    return ids;
  }

  void expect_theirs(const std::vector<JobId>& ids) {
    ASSERT_EQ(ids.size(), std::size_t{many});
    for (int number = 0; number < many; ++number) {
      const auto job = store_->reader().find(ids[static_cast<std::size_t>(number)]);
      ASSERT_TRUE(job.has_value()) << number;
      EXPECT_EQ(job->tag, "many");
      EXPECT_EQ(job->data, number);
    }
  }

  TemporaryDatabase file_{};
  std::unique_ptr<Store> store_{
      open_store({.database_url = file_.url(), .durability = Durability::relaxed})};
};

TEST_F(SqliteIds, FollowTheLastOneAlsoOfRowsThatAreGone) {
  expect_theirs(submit_many());
  run("DELETE FROM worker_jobs WHERE id > 60");
  const auto ids = submit_many();
  EXPECT_EQ(ids.front(), many + 1);
  expect_theirs(ids);
}

TEST_F(SqliteIds, FollowTheRowsWhereNobodyCountedThem) {
  run("INSERT INTO worker_jobs (id, tag, type) VALUES (900, 'other', 'work')");
  run("UPDATE sqlite_sequence SET seq = 7 WHERE name = 'worker_jobs'");
  const auto ids = submit_many();
  EXPECT_EQ(ids.front(), 901);
  expect_theirs(ids);
}

TEST_F(SqliteIds, AreTheirOwnWhereATriggerInsertsBetween) {
  run("CREATE TRIGGER echo AFTER INSERT ON Worker_Jobs WHEN NEW.tag = 'many' BEGIN "
      "INSERT INTO worker_jobs (tag, type) VALUES ('echo', 'work'); END");
  const auto ids = submit_many();
  EXPECT_GT(ids.back() - ids.front(), many);
  expect_theirs(ids);
}

}  // namespace
}  // namespace errand
