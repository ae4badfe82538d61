#include "scenarios/stage.hpp"

#include <unistd.h>

#include <cstdlib>

#include "common/measure.hpp"

namespace errand::bench {
namespace {

constexpr double half = 0.5;

Config config_for(const std::string& url, int workers) {
  // Workers are told by the environment, not by an object.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs between two plays
  ::setenv("DATABASE_URL", url.c_str(), 1);
  ::setenv("WORKER_LOG_LEVEL", "warn", 1);  // NOLINT(concurrency-mt-unsafe): same
  Config config = Config::from_env();
  config.database_url = url;
  config.worker_count = workers;
  config.port = 0;
  config.log_level = LogLevel::warn;
  return config;
}

}  // namespace

JobRegistry benchmark_types() {
  JobRegistry jobs;
  jobs.add("noop", [](JobContext&, const Json&) {});
  jobs.add("later", [](JobContext&, const Json&) {});
  jobs.add("stamp", [](JobContext&, const Json& data) -> Json {
    return {{"us", now_us() - data.at("at").get<std::int64_t>()}};
  });
  jobs.add("closing", [](JobContext&, const Json&) -> Json { return {{"at", now_us()}}; });
  jobs.add("answer", [](JobContext&, const Json& data) { return data; });
  jobs.add("progress", [](JobContext& context, const Json&) { context.progress(half, "half"); });
  jobs.add("failure",
           [](JobContext&, const Json&) { throw std::runtime_error{"the feature that is used"}; });
  jobs.add("notification", [](JobContext& context, const Json& data) {
    context.app().create_notification(1, data);
  });
  jobs.add("transaction", [](JobContext& context, const Json&) {
    context.with_transaction([&](Transaction& transaction) { context.complete_in(transaction); });
  });
  return jobs;
}

Stage::Stage(const Wishes& wishes, const std::string& folder, const std::string& name)
    : database_{make_database(wishes.database, folder, name)} {}

Stage::~Stage() {
  try {
    if (!database_->is_sqlite())
      database_->run(
          "DO $$ BEGIN EXECUTE format('DROP SCHEMA %I CASCADE', current_schema()); END $$");
  } catch (
      const std::exception&) {  // NOLINT(bugprone-empty-catch): a schema that stays does no harm
  }
}

void Stage::play(int workers, const std::function<void(ServerApp&)>& work) {
  ServerApp app{config_for(database_->url(), workers), benchmark_types()};
  app.start();
  work(app);
  app.shutdown();
}

void Stage::empty() {
  database_->run(database_->is_sqlite() ? "DELETE FROM worker_jobs" : "TRUNCATE worker_jobs");
  database_->settle();
}

std::int64_t Stage::workers_cpu_ns() {
  std::int64_t total = 0;
  for (const pid_t worker : children_of(::getpid()))
    total += cpu_ns_of(worker);
  return total;
}

}  // namespace errand::bench
