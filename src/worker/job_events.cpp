#include "worker/job_events.hpp"

#include "jobs/job_json.hpp"
#include "store/claimed_job.hpp"

namespace errand {
namespace {

constexpr milliseconds progress_spacing{100};
constexpr std::size_t line_jobs_bytes = ipc::line_bytes_max / 2;

}  // namespace

void JobEvents::started(const ClaimedJob& job) {
  if (job.user_id != 0 && audience_.looks(job.user_id, clock_.steady_now()))
    channel_.send(ipc::JobStarted{job.id, job.user_id});
}

void JobEvents::progress(const ClaimedJob& job, const Progress& progress) {
  if (job.user_id == 0)
    return;
  const SteadyPoint now = clock_.steady_now();
  if (!audience_.looks(job.user_id, now))
    return;
  {
    const std::lock_guard lock{mutex_};
    const auto [last, first] = last_progress_.try_emplace(job.id, now);
    if (!first && now - last->second < progress_spacing)
      return;
    last->second = now;
  }
  channel_.send(ipc::JobProgress{job.id, job.user_id, progress});
}

void JobEvents::forget(JobId id) {
  const std::lock_guard lock{mutex_};
  last_progress_.erase(id);
}

void JobEvents::finished(std::span<const FinishedRun* const> runs, TimePoint now) {
  const SteadyPoint at = clock_.steady_now();
  const bool somebody_waits = audience_.looks(ipc::Audience::who_waits, at);
  ipc::JobFinished batch;
  std::size_t bytes = 0;
  for (const FinishedRun* run : runs) {
    forget(run->id);
    const bool ended = run->transition.to == Transition::To::finished;
    if (!ended || !run->told || !audience_.looks(run->told->user_id, at))
      continue;
    Job job = to_job(*run->told, run->transition, now);
    job.data = nullptr;  // the user knows what was submitted, and a line has a limit
    bytes += run->transition.result.size() + 1024;
    batch.jobs.push_back(to_json(job));
    if (bytes > line_jobs_bytes) {
      channel_.send(std::exchange(batch, {}));
      bytes = 0;
    }
  }
  if (!batch.jobs.empty() || somebody_waits)
    channel_.send(batch);
}

}  // namespace errand
