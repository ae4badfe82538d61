#include "limit/limit.hpp"

#include <cstdio>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "common/process.hpp"

namespace errand::bench {
namespace {

constexpr int usual_clients = 8;

/// A log that grows costs each commit a second flush; one that has been in use for a while does not
/// grow.
constexpr int jobs_that_give_the_log_its_size = 50'000;

Report submit_at_once(const std::string& name,
                      Limit& limit,
                      double (Limit::*insert)(int count),
                      const Wishes& wishes) {
  Report report{name, std::to_string(wishes.jobs) + " jobs"};
  for (int run = 0; run < wishes.runs; ++run) {
    limit.begin(Limit::Way::plain);
    add(report, "rate", "jobs/s", wishes.jobs / (limit.*insert)(wishes.jobs));
  }
  return report;
}

Report submit_bulk(Limit& limit, const Wishes& wishes) {
  return submit_at_once("submit.bulk", limit, &Limit::insert, wishes);
}

Report submit_copy(Limit& limit, const Wishes& wishes) {
  return submit_at_once("submit.copy", limit, &Limit::copy, wishes);
}

Report submit_one_by_one(const std::string& name, Limit& limit, int clients, const Wishes& wishes) {
  Report report{name, std::to_string(clients) + (clients == 1 ? " client" : " clients")};
  limit.begin(Limit::Way::plain);
  static_cast<void>(limit.insert(jobs_that_give_the_log_its_size));
  for (int run = 0; run < wishes.runs; ++run) {
    limit.begin(Limit::Way::plain);
    add(report, "rate", "jobs/s", limit.insert_one_by_one(clients, wishes.seconds));
  }
  return report;
}

Report submit_one(Limit& limit, const Wishes& wishes) {
  return submit_one_by_one("submit.one", limit, 1, wishes);
}

Report submit_many(Limit& limit, const Wishes& wishes) {
  return submit_one_by_one(
      "submit.many", limit, wishes.clients > 0 ? wishes.clients : usual_clients, wishes);
}

Report drain_by(const std::string& name, Limit& limit, Limit::Way way, const Wishes& wishes) {
  Report report{name,
                std::to_string(wishes.jobs) + " jobs, " + std::to_string(wishes.workers) +
                    " workers, batches of " + std::to_string(wishes.batch)};
  for (int run = 0; run < wishes.runs; ++run) {
    limit.begin(way);
    static_cast<void>(limit.insert(wishes.jobs));
    if (wishes.kinds > 1)
      limit.spread(wishes.kinds);
    const std::int64_t own = limit.own_cpu();
    const std::int64_t server = limit.server_cpu();
    const double seconds = limit.drain(way, wishes.workers, wishes.batch);
    const double thousands = 1000.0 * wishes.jobs;
    add(report, "rate", "jobs/s", wishes.jobs / seconds);
    add(report, "worker_cpu", "us/job", static_cast<double>(limit.own_cpu() - own) / thousands);
    add(report,
        "database_cpu",
        "us/job",
        static_cast<double>(limit.server_cpu() - server) / thousands);
  }
  return report;
}

Report drain(Limit& limit, const Wishes& wishes) {
  return drain_by("drain", limit, Limit::Way::plain, wishes);
}

Report drain_best(Limit& limit, const Wishes& wishes) {
  return drain_by("drain-best", limit, Limit::Way::best, wishes);
}

}  // namespace

double rate_of(int clients, const std::function<void(int& count)>& submit) {
  std::vector<int> counts(static_cast<std::size_t>(clients));
  const Stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (int& count : counts)
      threads.emplace_back([&] { submit(count); });
  }
  return std::accumulate(counts.begin(), counts.end(), 0.0) / watch.seconds();
}

void measure_limit(Limit& limit, const Wishes& wishes) {
  limit.set_payload(wishes.payload);
  const std::vector<std::pair<std::string, Report (*)(Limit&, const Wishes&)>> scenarios{
      {"submit.bulk", submit_bulk},
      {"submit.copy", submit_copy},
      {"submit.one", submit_one},
      {"submit.many", submit_many},
      {"drain", drain},
      {"drain-best", drain_best}};
  if (!wishes.json)
    std::fputs(markdown_head().c_str(), stdout);
  for (const auto& [name, scenario] : scenarios)
    if (wishes.include(name))
      print(scenario(limit, wishes), wishes.json);
  for (const std::string& name : names_of_growth())
    if (wishes.include(name))
      print(measure_growth(name, limit, wishes), wishes.json);
}

}  // namespace errand::bench
