#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "base/unique_fd.hpp"
#include "helpers/error_of.hpp"
#include "helpers/temporary_database.hpp"
#include "store/open_store.hpp"
#include "store/sqlite/sqlite_errors.hpp"
#include "store/sqlite/writer_lock.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::error_of;
using ::testing::HasSubstr;

std::unique_ptr<Store> open_migrated(const TemporaryDatabase& file) {
  auto store = open_store({.database_url = file.url(), .durability = Durability::relaxed});
  store->migrate();
  return store;
}

PreparedJob make_job() {
  PreparedJob job;
  job.tag = "t";
  job.type = "work";
  job.queue = "default";
  job.data = "{}";
  return job;
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};

  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

TEST(Sqlite, FilesAreReadableByTheirOwnerOnly) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  for (const char* suffix : {"", "-wal", "-shm", "-writer"})
    EXPECT_EQ(mode_of(file.path().string() + suffix), 0600U) << suffix;
}

TEST(Sqlite, NoDescriptorOutlivesAnExec) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (gone || !target.string().starts_with(file.folder().string()))
      continue;
    const int flags = ::fcntl(std::stoi(entry.path().filename()), F_GETFD);
    EXPECT_TRUE(flags >= 0 && (flags & FD_CLOEXEC) != 0) << target;
  }
}

TEST(Sqlite, DurabilityAndCacheAreTheConnections) {
  const TemporaryDatabase file;

  struct Expected {
    Durability durability;
    int synchronous;
    int cache_size;
  };

  for (const Expected& expected :
       {Expected{Durability::full, 2, -32000}, Expected{Durability::relaxed, 1, -2000}}) {
    const auto store = open_store({.database_url = file.url(), .durability = expected.durability});
    store->database().with_transaction([&](Transaction& tx) {
      EXPECT_EQ(tx.query("PRAGMA synchronous").get<int>(0, 0), expected.synchronous);
      EXPECT_EQ(tx.query("PRAGMA cache_size").get<int>(0, 0), expected.cache_size);
      EXPECT_EQ(tx.query("PRAGMA journal_mode").get<std::string>(0, 0), "wal");
      EXPECT_EQ(tx.query("PRAGMA mmap_size").get<int>(0, 0), 0);
    });
  }
}

TEST(Sqlite, ASubmissionWakesAWorkerBeforeItsCommit) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  const auto elsewhere = open_store({.database_url = file.url()});
  const PreparedJob job{.tag = "a", .type = "work", .data = "null"};
  std::optional<bool> was_committed;
  const auto submitted = store->jobs().submit(
      {&job, 1}, {}, [&] { was_committed = elsewhere->reader().find(JobId{1}).has_value(); });
  EXPECT_EQ(submitted.front().id, 1);
  EXPECT_EQ(was_committed, false);
}

TEST(Sqlite, UrlsNameFiles) {
  EXPECT_EQ(sqlite_path("sqlite:errand.db"), "errand.db");
  EXPECT_EQ(sqlite_path("sqlite:/var/lib/errand.db"), "/var/lib/errand.db");
  EXPECT_EQ(sqlite_path("sqlite:///var/lib/errand.db"), "/var/lib/errand.db");
  EXPECT_FALSE(sqlite_path("postgresql://host/db"));
}

TEST(Sqlite, UrlsThatCannotBeOpenedAreRefusedWithoutTheirSecrets) {
  for (const char* url : {"", "mysql://u:secret@h/db", "sqlite:", "sqlite::memory:"}) {
    const auto error = error_of([&] { static_cast<void>(open_store({.database_url = url})); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid) << url;
    EXPECT_EQ(std::string{error.what()}.find("secret"), std::string::npos);
  }
}

TEST(Sqlite, AMissingFolderIsUnavailableAndNamed) {
  const auto store = open_store({.database_url = "sqlite:/no/such/folder/errand.db"});
  const auto error = error_of([&] { store->migrate(); });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("/no/such/folder/errand.db"));
}

TEST(Sqlite, OneServerHoldsAFileAndTheSecondIsToldWho) {
  const TemporaryDatabase file;
  auto first = lock_server_file(file.path());
  const auto error = error_of([&] { static_cast<void>(lock_server_file(file.path())); });
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  EXPECT_THAT(error.what(), HasSubstr("process " + std::to_string(::getpid())));
  first.reset();
  EXPECT_NO_THROW(static_cast<void>(lock_server_file(file.path())));
}

TEST(Sqlite, NobodyElseGetsTheWriterLockWhileItIsHeld) {
  const TemporaryDatabase file;
  sql::WriterLock lock{file.path()};
  const UniqueFd other{::open((file.path().string() + "-writer").c_str(), O_RDWR | O_CLOEXEC)};
  const auto is_free = [&] {
    flock whole_file{};

    whole_file.l_type = F_WRLCK;
    const bool taken = ::fcntl(other.get(), F_OFD_SETLK, &whole_file) == 0;
    whole_file.l_type = F_UNLCK;
    ::fcntl(other.get(), F_OFD_SETLK, &whole_file);
    return taken;
  };
  EXPECT_TRUE(is_free());
  lock.lock();
  EXPECT_FALSE(is_free());
  lock.unlock();
  EXPECT_TRUE(is_free());
}

TEST(Sqlite, TheWriterLockAdmitsOneAtATime) {
  const TemporaryDatabase file;
  int inside = 0;
  int most = 0;
  std::vector<std::jthread> threads;
  std::mutex mutex;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      sql::WriterLock lock{file.path()};
      for (int turn = 0; turn < 200; ++turn) {
        lock.lock();
        {
          const std::lock_guard guard{mutex};
          most = std::max(most, ++inside);
        }
        {
          const std::lock_guard guard{mutex};
          --inside;
        }
        lock.unlock();
      }
    });
  threads.clear();
  EXPECT_EQ(most, 1);
}

TEST(Sqlite, ATransactionIsRolledBackByAnException) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  auto& database = store->database();
  database.with_transaction([](Transaction& tx) { tx.execute("CREATE TABLE t (a)"); });
  EXPECT_THROW(database.with_transaction([](Transaction& tx) {
    tx.execute("INSERT INTO t VALUES ($1)", 1);
    throw std::runtime_error{"no"};
  }),
               std::runtime_error);
  const auto rows = database.with_transaction(
      [](Transaction& tx) { return tx.query("SELECT count(*) FROM t").get<int>(0, 0); });
  EXPECT_EQ(rows, 0);
}

TEST(Sqlite, NestedTransactionsAreOne) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  auto& database = store->database();
  EXPECT_THROW(database.with_transaction([&](Transaction& outer) {
    outer.execute("CREATE TABLE t (a)");
    database.with_transaction([&](Transaction& inner) {
      EXPECT_EQ(static_cast<sqlite3*>(inner.native_handle()),
                static_cast<sqlite3*>(outer.native_handle()));
      inner.execute("INSERT INTO t VALUES (1)");
    });
    throw std::runtime_error{"no"};
  }),
               std::runtime_error);
  const auto tables = database.with_transaction([](Transaction& tx) {
    return tx.query("SELECT 1 FROM sqlite_master WHERE name = 't'").size();
  });
  EXPECT_EQ(tables, 0U);
}

TEST(Sqlite, ParametersAreNumberedAndTyped) {
  const TemporaryDatabase file;
  const auto store = open_store({.database_url = file.url()});
  store->database().with_transaction([](Transaction& tx) {
    const auto rows =
        tx.query("SELECT $2 AS second, $1 AS first, $3, $4", 1, "zwei", 2.5, std::optional<int>{});
    EXPECT_EQ(rows.columns()[0], "second");
    EXPECT_EQ(rows.get<std::string>(0, 0), "zwei");
    EXPECT_EQ(rows.get<int>(0, 1), 1);
    EXPECT_DOUBLE_EQ(rows.get<double>(0, 2), 2.5);
    EXPECT_FALSE(rows.get<std::optional<int>>(0, 3));
    EXPECT_EQ(error_of([&] { tx.query("SELECT $1", 1, 2); }).kind(), ErrorKind::invalid);
    EXPECT_EQ(error_of([&] { tx.query("SELECT $2", 1); }).kind(), ErrorKind::invalid);
    EXPECT_EQ(error_of([&] { tx.execute("SELECT 1; SELECT 2"); }).kind(), ErrorKind::invalid);
    EXPECT_EQ(error_of([&] { tx.execute("SELEC 1"); }).kind(), ErrorKind::invalid);
    EXPECT_EQ(error_of([&] { tx.execute("SELECT * FROM nowhere"); }).kind(), ErrorKind::invalid);
  });
}

/// No column's type keeps another program from writing what is no JSON.
TEST(Sqlite, DamagedJsonIsShownAsTextInsteadOfFailingTheList) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  const auto job = make_job();
  const auto id = store->jobs().submit({&job, 1}).at(0).id;
  store->database().with_transaction([](Transaction& tx) {
    tx.execute("UPDATE worker_jobs SET data = '{broken', progress = 'x', meta = '['");
  });
  const auto row = store->reader().find(id).value();
  EXPECT_EQ(row.data, "{broken");
  EXPECT_EQ(row.meta, "[");
  EXPECT_FALSE(row.progress);
  EXPECT_EQ(store->reader().list({}).jobs.size(), 1U);
}

TEST(Sqlite, ALentTransactionDecidesWhetherTheJobExists) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  sqlite3* lent = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &lent), SQLITE_OK);
  sqlite3_busy_timeout(lent, 2000);
  const auto submit = [&](const char* end) {
    EXPECT_EQ(sqlite3_exec(lent, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto id = store->jobs().submit_in(BorrowedTransaction{*lent}, make_job()).id;
    EXPECT_EQ(sqlite3_exec(lent, end, nullptr, nullptr, nullptr), SQLITE_OK);
    return id;
  };
  EXPECT_FALSE(store->reader().find(submit("ROLLBACK")));
  EXPECT_TRUE(store->reader().find(submit("COMMIT")));
  EXPECT_EQ(sqlite3_next_stmt(lent, nullptr), nullptr) << "a statement was left behind";
  EXPECT_EQ(sqlite3_close(lent), SQLITE_OK);
}

TEST(Sqlite, ALentConnectionThatIsInNoTransactionIsRefused) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  sqlite3* lent = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &lent), SQLITE_OK);
  const auto refusal =
      error_of([&] { store->jobs().submit_in(BorrowedTransaction{*lent}, make_job()); });
  EXPECT_EQ(refusal.kind(), ErrorKind::invalid);
  EXPECT_THAT(refusal.what(), HasSubstr("BEGIN IMMEDIATE one first"));
  EXPECT_TRUE(store->reader().list({}).jobs.empty());
  EXPECT_EQ(sqlite3_close(lent), SQLITE_OK);
}

TEST(Sqlite, WhatARefusedSubmissionDidInALentTransactionIsUndone) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  auto holder = make_job();
  holder.tag = "holder";
  holder.unique_key = "key";
  auto waiting = make_job();
  waiting.tag = "tag";
  const PreparedJob both[] = {holder, waiting};
  const auto id = store->jobs().submit(both).at(1).id;
  auto replacing = waiting;
  replacing.unique_key = "key";
  replacing.on_pending_tag = OnPendingTag::replace;
  sqlite3* lent = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &lent), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(lent, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto refusal =
      error_of([&] { store->jobs().submit_in(BorrowedTransaction{*lent}, replacing); });
  EXPECT_EQ(refusal.kind(), ErrorKind::conflict) << refusal.what();
  const auto kept = store->jobs().submit_in(BorrowedTransaction{*lent}, make_job()).id;
  ASSERT_EQ(sqlite3_exec(lent, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(store->reader().find(id)->state, JobState::scheduled) << "it was not replaced";
  EXPECT_TRUE(store->reader().find(kept));
  EXPECT_EQ(sqlite3_close(lent), SQLITE_OK);
}

TEST(Sqlite, AForeignWriterIsWaitedForAndThenNamed) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  sqlite3* foreign = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &foreign), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(foreign, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  std::latch started{1};
  std::jthread submitter{[&] {
    started.count_down();
    const auto job = make_job();
    EXPECT_TRUE(store->jobs().submit({&job, 1}).at(0).created);
  }};
  started.wait();
  EXPECT_EQ(sqlite3_exec(foreign, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  submitter.join();
  sqlite3_close(foreign);
}

TEST(Sqlite, ResultCodesBecomeKindsAndSentences) {
  const std::vector<std::pair<int, ErrorKind>> expected{
      {SQLITE_FULL, ErrorKind::unavailable},
      {SQLITE_IOERR_FSYNC, ErrorKind::unavailable},
      {SQLITE_CORRUPT, ErrorKind::unavailable},
      {SQLITE_NOTADB, ErrorKind::invalid},
      {SQLITE_READONLY, ErrorKind::unavailable},
      {SQLITE_CANTOPEN, ErrorKind::unavailable},
      {SQLITE_BUSY, ErrorKind::unavailable},
      {SQLITE_CONSTRAINT_CHECK, ErrorKind::invalid},
      {SQLITE_TOOBIG, ErrorKind::invalid},
      {SQLITE_NOMEM, ErrorKind::unavailable},
  };
  for (const auto& [result, kind] : expected) {
    const int code = result;
    const auto error =
        error_of([&] { sql::throw_sqlite_error(nullptr, code, "insert_job", "/data/e.db"); });
    EXPECT_EQ(error.kind(), kind) << code;
    EXPECT_THAT(error.what(), HasSubstr("insert_job failed on /data/e.db: "));
  }
  EXPECT_TRUE(sql::breaks_connection(SQLITE_IOERR_WRITE));
  EXPECT_FALSE(sql::breaks_connection(SQLITE_FULL));
  EXPECT_FALSE(sql::breaks_connection(SQLITE_BUSY));
}

TEST(Sqlite, AFullDiskIsUnavailableAndNothingIsHalfStored) {
  const TemporaryDatabase file;
  const auto store = open_migrated(file);
  std::vector<PreparedJob> many(2000, make_job());
  for (PreparedJob& job : many)
    job.data = "\"" + std::string(2000, 'x') + "\"";
  store->database().with_transaction([](Transaction& tx) {
    const auto pages = tx.query("PRAGMA page_count").get<std::int64_t>(0, 0);
    tx.query("PRAGMA max_page_count = " + std::to_string(pages + 20));
  });
  const auto error = error_of([&] { store->jobs().submit(many); });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("free space"));
  EXPECT_TRUE(store->reader().list({}).jobs.empty());
  const auto one = make_job();
  EXPECT_TRUE(store->jobs().submit({&one, 1}).at(0).created);
}

}  // namespace
}  // namespace errand
