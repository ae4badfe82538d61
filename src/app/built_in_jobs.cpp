#include "app/built_in_jobs.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace errand {
namespace {

constexpr int rows_per_transaction = 500;

/// Until the job is to stop, at the longest.
void rest(const JobContext& context, SteadyPoint::duration duration) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock{mutex};
  stopped.wait_for(lock, context.stop_token(), duration, [] { return false; });
}

/// In small transactions, with a rest as long as each: where one writes at a time, as in SQLite,
/// whoever goes on at once keeps all others waiting.
Json remove_old(JobContext& context, JobStore& store) {
  std::int64_t removed = 0;
  while (true) {
    context.throw_if_cancelled();
    const auto begun = std::chrono::steady_clock::now();
    const int rows = store.remove_old(rows_per_transaction, context.job().id);
    removed += rows;
    if (rows < rows_per_transaction)
      break;
    rest(context, std::chrono::steady_clock::now() - begun);
  }
  if (removed > 0)
    context.log().info("removed old jobs", {{"count", removed}});
  return {{"removed", removed}};
}

}  // namespace

void add_built_in_jobs(JobRegistry& registry, std::function<JobStore&()> store) {
  if (registry.find(remove_old_type) != nullptr)
    return;
  JobOptions options;
  options.cron = "0 0 * * * *";
  options.remove_delay = std::chrono::hours{1};
  registry.add(
      remove_old_type,
      [store = std::move(store)](JobContext& context, const Json&) {
        return remove_old(context, store());
      },
      options);
}

}  // namespace errand
