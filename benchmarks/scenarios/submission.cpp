// How fast jobs are stored: in one call, one by one, by many at once.
#include <thread>

#include "common/measure.hpp"
#include "scenarios/drain.hpp"
#include "scenarios/scenarios.hpp"

namespace errand::bench {
namespace {

using namespace std::chrono_literals;

constexpr int usual_clients = 64;
constexpr auto never_comes = 24h;
constexpr const char* of_same_row = "of the same row by the database's library";

/// A log that grows costs each commit a second flush; one that has been in use for a while does not
/// grow.
constexpr int jobs_that_give_the_log_its_size = 50'000;

Report submit_bulk(const Wishes& wishes, const std::string& folder) {
  Report report{"submit.bulk", std::to_string(wishes.jobs) + " jobs"};
  Stage stage{wishes, folder, "submission"};
  const std::vector<NewJob> jobs = no_ops(wishes.jobs, never_comes);
  const std::string data = jobs.front().data.dump();
  stage.play(wishes.workers, [&](ServerApp& app) {
    for (int run = 0; run < wishes.runs; ++run) {
      stage.empty();
      const Stopwatch watch;
      static_cast<void>(app.worker_manager().submit_jobs(jobs));
      const double seconds = watch.seconds();
      add(report, "rate", "jobs/s", wishes.jobs / seconds);
      stage.empty();
      const double plain = stage.database().insert_in_bulk(data, wishes.jobs);
      add(report, "of_same_row", of_same_row, plain / seconds);
    }
  });
  return report;
}

int submit_until(ServerApp& app, const NewJob& job, double seconds) {
  int count = 0;
  for (const Stopwatch watch; watch.seconds() < seconds; ++count)
    static_cast<void>(app.worker_manager().submit_job(job));
  return count;
}

double rate_of(int clients, const std::function<int()>& store_until) {
  std::vector<int> counts(static_cast<std::size_t>(clients));
  const Stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (int& count : counts)
      threads.emplace_back([&] { count = store_until(); });
  }
  double sum = 0;
  for (const int count : counts)
    sum += count;
  return sum / watch.seconds();
}

Report submit_by(const std::string& name,
                 int clients,
                 const Wishes& wishes,
                 const std::string& folder) {
  Report report{name, std::to_string(clients) + (clients == 1 ? " client" : " clients")};
  Stage stage{wishes, folder, "submission"};
  const NewJob job = no_ops(1, never_comes).front();
  const std::string data = job.data.dump();
  stage.play(wishes.workers, [&](ServerApp& app) {
    static_cast<void>(
        app.worker_manager().submit_jobs(no_ops(jobs_that_give_the_log_its_size, never_comes)));
    for (int run = 0; run < wishes.runs; ++run) {
      stage.empty();
      const double rate = rate_of(clients, [&] { return submit_until(app, job, wishes.seconds); });
      add(report, "rate", "jobs/s", rate);
      if (clients > 1)
        continue;
      stage.empty();
      const double plain =
          rate_of(1, [&] { return stage.database().insert_one_by_one(data, wishes.seconds); });
      add(report, "of_same_row", of_same_row, rate / plain);
    }
  });
  return report;
}

Report submit_one(const Wishes& wishes, const std::string& folder) {
  return submit_by("submit.one", 1, wishes, folder);
}

Report submit_many(const Wishes& wishes, const std::string& folder) {
  return submit_by(
      "submit.many", wishes.clients > 0 ? wishes.clients : usual_clients, wishes, folder);
}

}  // namespace

std::vector<Scenario> submission_scenarios() {
  return {{"submit.bulk", submit_bulk}, {"submit.one", submit_one}, {"submit.many", submit_many}};
}

}  // namespace errand::bench
