#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <latch>
#include <set>
#include <thread>

#include "conformance/job_store_conformance.hpp"
#include "helpers/temporary_database.hpp"

namespace errand::testing {
namespace {

/// Claims and finishes until nothing is due; the ids it ran.
std::vector<JobId> drain(JobStore& jobs, ProcessId worker, int batch) {
  const std::vector<std::string> types{"work"};
  std::vector<JobId> ran;
  std::vector<Completion> completions;
  for (;;) {
    const auto result =
        jobs.exchange(completions, {.process = worker, .limit = batch, .types = types});
    for (const bool recorded : result.recorded)
      EXPECT_TRUE(recorded);
    if (result.claimed.empty())
      return ran;
    completions.clear();
    for (const ClaimedJob& job : result.claimed) {
      ran.push_back(job.id);
      completions.push_back({.id = job.id, .claim_seq = job.claim_seq});
    }
  }
}

TEST_P(JobStoreConformance, ThreadsNeverTakeTheSameJob) {
  constexpr int total = 3000;
  jobs().submit(std::vector<PreparedJob>(total, job("a")));
  std::vector<std::vector<JobId>> ran(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : ran)
      threads.emplace_back([&] { mine = drain(jobs(), begin_worker(), 7); });
  }
  std::multiset<JobId> all;
  for (const auto& mine : ran)
    all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(total));
  EXPECT_EQ(std::set<JobId>(all.begin(), all.end()).size(), all.size());
  EXPECT_EQ(count("success AND claim_seq = 1"), total);
}

TEST_P(JobStoreConformance, OneOfManySubmittersOfAUniqueKeyWins) {
  std::atomic<int> won{0};
  std::atomic<int> lost{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread)
      threads.emplace_back([&, thread] {
        for (int key = 0; key < 25; ++key) {
          std::vector<PreparedJob> pair{job("unique"), job("plain")};
          pair[0].unique_key = std::to_string(key);
          try {
            jobs().submit(pair);
            ++won;
          } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::conflict) << error.what();
            ++lost;
          }
          submit(job("neighbour" + std::to_string(thread)));
        }
      });
  }
  EXPECT_EQ(won, 25);
  EXPECT_EQ(lost, 7 * 25);
  EXPECT_EQ(count("tag = 'unique'"), 25);
  EXPECT_EQ(count("tag = 'plain'"), 25);
  EXPECT_EQ(count("tag LIKE 'neighbour%'"), 8 * 25);
}

TEST_P(JobStoreConformance, ConcurrentRepeatsOfAnIdempotencyKeyGetOneId) {
  std::mutex mutex;
  std::set<JobId> ids;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread)
      threads.emplace_back([&] {
        PreparedJob keyed = job("a");
        keyed.idempotency_key = "key";
        const auto id = submit(keyed);
        const std::lock_guard lock{mutex};
        ids.insert(id);
      });
  }
  EXPECT_EQ(ids.size(), 1U);
}

TEST_P(JobStoreConformance, NoProgramStoresASecondRowOfAnIdempotencyKey) {
  PreparedJob keyed = job("a");
  keyed.idempotency_key = "key";
  submit(keyed);
  expect_error(ErrorKind::conflict, [&] {
    execute("INSERT INTO worker_jobs (tag, type, idempotency_key) VALUES ('b', 'work', 'key')");
  });
  EXPECT_EQ(count("idempotency_key = 'key'"), 1);
}

/// Eight threads do the same at the same instant. Returns how many were not refused.
template <typename Work>
int accepted_of_eight(Work work) {
  constexpr int threads = 8;
  std::latch start{threads};
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> all;
    for (int thread = 0; thread < threads; ++thread)
      all.emplace_back([&] {
        start.arrive_and_wait();
        try {
          work();
          ++accepted;
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), ErrorKind::conflict) << error.what();
        }
      });
  }
  return accepted;
}

constexpr int rounds = 10;

TEST_P(JobStoreConformance, OneOfManyOperatorsRetriesAJob) {
  const auto worker = begin_worker();
  for (int round = 0; round < rounds; ++round) {
    const auto id = submit(job("a"));
    ASSERT_TRUE(record_one(claim_one(worker), failure()));
    EXPECT_EQ(accepted_of_eight([&] { jobs().retry(id); }), 1);
    ASSERT_TRUE(record_one(claim_one(worker), failure()));
  }
}

TEST_P(JobStoreConformance, ManySubmittersThatKeepATagStoreOneJob) {
  for (int round = 0; round < rounds; ++round) {
    PreparedJob kept = job("kept" + std::to_string(round));
    kept.on_pending_tag = OnPendingTag::keep;
    const auto other = home_->open(Durability::full);  // no group commit with the first
    std::atomic<int> turn{0};
    EXPECT_EQ(accepted_of_eight([&] {
                JobStore& door = turn++ % 2 == 0 ? jobs() : other->jobs();
                door.submit({&kept, 1});
              }),
              8);
    EXPECT_EQ(count("tag = '" + kept.tag + "'"), 1);
  }
}

TEST_P(JobStoreConformance, ManyManagersSeeToOneLinkOfACron) {
  for (int round = 0; round < rounds; ++round) {
    const PreparedJob link = cron("c", now() + std::chrono::minutes{1});
    EXPECT_EQ(accepted_of_eight([&] { jobs().ensure_cron(link); }), 8);
    EXPECT_EQ(count("finished IS NULL"), 1);
    jobs().cancel(reader().crons().at(0).next_job.value());
  }
}

/// Runs `store_drain_probe` on the database; it writes the ids it ran to `output`.
pid_t start_probe(const std::string& url, const std::string& output) {
  std::vector<std::string> texts{ERRAND_DRAIN_PROBE, url, output};
  std::vector<char*> argv;
  for (auto& text : texts)
    argv.push_back(text.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, ERRAND_DRAIN_PROBE, nullptr, nullptr, argv.data(), environ), 0);
  return pid;
}

TEST_P(JobStoreConformance, ProcessesNeverTakeTheSameJob) {
  constexpr int total = 4000;
  PreparedJob past = job("a");
  past.due = Due{TimePoint{}};
  jobs().submit(std::vector<PreparedJob>(total, past));
  const TemporaryDatabase folder;
  std::vector<std::string> outputs;
  std::vector<pid_t> pids;
  for (const char* name : {"one", "two"}) {
    outputs.push_back(folder.folder() / name);
    pids.push_back(start_probe(home_->url(), outputs.back()));
  }
  for (const pid_t pid : pids) {
    int status = -1;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  std::multiset<JobId> all;
  for (const auto& output : outputs) {
    std::ifstream file{output};
    for (JobId id = 0; file >> id;)
      all.insert(id);
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(total));
  EXPECT_EQ(std::set<JobId>(all.begin(), all.end()).size(), all.size());
  EXPECT_EQ(count("success"), total);
}

}  // namespace
}  // namespace errand::testing
