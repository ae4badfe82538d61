#include "store/migrator.hpp"

#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"

namespace errand {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<Store> open(const TemporaryDatabase& file) {
  return open_store({.database_url = file.url()});
}

void execute(Store& store, const std::string& sql) {
  store.database().with_transaction([&](Transaction& tx) { tx.execute(sql); });
}

std::string refusal_of(Store& store) {
  try {
    store.migrate();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.what();
  }
  ADD_FAILURE() << "no Error";
  return {};
}

TEST(Migrator, AppliesWhatIsMissingAndThenNothing) {
  const TemporaryDatabase file;
  const auto store = open(file);
  EXPECT_THAT(store->pending_migrations(), Contains("0001_worker_jobs"));
  EXPECT_THAT(store->migrate(), Contains("0001_worker_jobs"));
  EXPECT_THAT(store->pending_migrations(), IsEmpty());
  EXPECT_THAT(store->migrate(), IsEmpty());
}

TEST(Migrator, ManyAtOnceApplyEachMigrationOnce) {
  const TemporaryDatabase file;
  std::atomic<std::size_t> applied{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 6; ++thread)
      threads.emplace_back([&] { applied += open(file)->migrate().size(); });
  }
  EXPECT_EQ(applied, sql::Statements::of_sqlite().migrations().size());
}

TEST(Migrator, RefusesASchemaThatIsNewerThanTheProgram) {
  const TemporaryDatabase file;
  const auto store = open(file);
  store->migrate();
  execute(*store, "INSERT INTO errand_migrations VALUES ('9999_future', 'x', 0)");
  EXPECT_THAT(refusal_of(*store), HasSubstr("9999_future"));
}

TEST(Migrator, RefusesASchemaMadeByAnotherText) {
  const TemporaryDatabase file;
  const auto store = open(file);
  store->migrate();
  execute(*store, "UPDATE errand_migrations SET checksum = 'edited'");
  EXPECT_THAT(refusal_of(*store), HasSubstr("another text"));
}

TEST(Migrator, RefusesAFileThatIsNotADatabase) {
  const TemporaryDatabase file;
  std::ofstream{file.path()} << std::string(5000, 'x');
  EXPECT_THAT(refusal_of(*open(file)), HasSubstr("is not an SQLite database"));
}

TEST(Migrator, WithoutItTheStoreSaysWhatToDo) {
  const TemporaryDatabase file;
  const auto store = open(file);
  try {
    static_cast<void>(store->reader().list({}));
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("errand migrate"));
    EXPECT_THAT(error.what(), HasSubstr(file.path().string()));
  }
}

}  // namespace
}  // namespace errand
