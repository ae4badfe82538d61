#include "app/built_in_jobs.hpp"

namespace errand {
namespace {

constexpr int rows_per_transaction = 1000;

/// In small transactions, so that claiming never waits long behind a clean-up.
Json remove_old(JobContext& context, JobStore& store) {
  std::int64_t removed = 0;
  while (true) {
    context.throw_if_cancelled();
    const int rows = store.remove_old(rows_per_transaction, context.job().id);
    removed += rows;
    if (rows < rows_per_transaction)
      break;
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
