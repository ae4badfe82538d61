// What the store does in a second: `store_bench [jobs]`. The limit beside it is `sqlite_limit`.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "common/process.hpp"
#include "store/open_store.hpp"

namespace {

using namespace errand;
using bench::BenchFolder;
using bench::print_rate;
using bench::Stopwatch;

std::unique_ptr<Store> open(const std::string& path, Durability durability) {
  return open_store({.database_url = "sqlite:" + path, .durability = durability});
}

PreparedJob make_job() {
  PreparedJob job;
  job.tag = "bench";
  job.type = "noop";
  job.queue = "default";
  job.data = R"({"customField":")" + std::string(80, 'x') + R"("})";
  return job;
}

void submit_many(Store& store, int count) {
  const std::vector<PreparedJob> jobs(static_cast<std::size_t>(count), make_job());
  static_cast<void>(store.jobs().submit(jobs));
}

/// A worker with no-op handlers: takes a batch, hands it in with the next exchange.
int drain(const std::string& path, int batch) {
  const auto store = open(path, Durability::relaxed);
  const std::vector<std::string> types{"noop"};
  const ProcessId process =
      store->jobs().begin_process({.node = "bench", .hostname = "bench", .types = types});
  std::vector<Completion> completions;
  bench::wait_for_the_others();
  for (;;) {
    const auto result =
        store->jobs().exchange(completions, {.process = process, .limit = batch, .types = types});
    if (result.claimed.empty())
      return 0;
    completions.clear();
    for (const ClaimedJob& job : result.claimed)
      completions.push_back({.id = job.id, .claim_seq = job.claim_seq});
  }
}

void measure_submissions(int count) {
  const BenchFolder folder;
  const auto store = open(folder.file("jobs.db"), Durability::full);
  store->migrate();
  const Stopwatch bulk;
  submit_many(*store, count);
  print_rate("submit, one call of " + std::to_string(count), count, bulk.seconds());

  const int singles = count / 50;
  const PreparedJob job = make_job();
  const Stopwatch one;
  for (int index = 0; index < singles; ++index)
    static_cast<void>(store->jobs().submit({&job, 1}));
  print_rate("submit, one at a time, 1 thread", singles, one.seconds());

  constexpr int threads = 8;
  const Stopwatch together;
  {
    std::vector<std::jthread> submitters;
    for (int thread = 0; thread < threads; ++thread)
      submitters.emplace_back([&] {
        for (int index = 0; index < singles; ++index)
          static_cast<void>(store->jobs().submit({&job, 1}));
      });
  }
  print_rate("submit, one at a time, 8 threads", singles * threads, together.seconds());
}

void measure_drain(int count, int processes, int batch) {
  const BenchFolder folder;
  const std::string path = folder.file("jobs.db");
  {
    const auto store = open(path, Durability::full);
    store->migrate();
    submit_many(*store, count);
  }
  const double seconds = bench::run_self(processes, {"--drain", path, std::to_string(batch)});
  print_rate("drain, " + std::to_string(processes) + " processes, batch " + std::to_string(batch),
             count,
             seconds);
}

void measure_idle_poll() {
  const BenchFolder folder;
  const auto store = open(folder.file("jobs.db"), Durability::relaxed);
  store->migrate();
  const std::vector<std::string> types{"noop"};
  const ProcessId process = store->jobs().begin_process({.node = "bench", .types = types});
  constexpr int polls = 20000;
  const Stopwatch watch;
  for (int index = 0; index < polls; ++index)
    static_cast<void>(
        store->jobs().exchange({}, {.process = process, .limit = 100, .types = types}));
  std::printf("%-44s %10.2f us\n", "idle poll", watch.seconds() * 1e6 / polls);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  if (arguments.size() == 3 && arguments[0] == "--drain")
    return drain(arguments[1], std::stoi(arguments[2]));
  const int count = arguments.empty() ? 100000 : std::stoi(arguments[0]);
  measure_submissions(count);
  for (const int batch : {10, 100, 500, 1000})
    for (const int processes : {1, 2})
      measure_drain(batch == 10 ? count / 2 : count, processes, batch);
  measure_idle_poll();
  return 0;
}
