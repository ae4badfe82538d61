#include "store/job_desk.hpp"

#include <algorithm>
#include <errand/config.hpp>

#include "jobs/prepared_job.hpp"
#include "store/prepared_ahead.hpp"

namespace errand {
namespace {

using std::chrono::steady_clock;

constexpr milliseconds poll_first{1};
constexpr milliseconds poll_longest{50};
constexpr milliseconds wait_longest{std::chrono::hours{24 * 365}};

[[noreturn]] void refuse_missing(JobId id) {
  throw Error{ErrorKind::not_found,
              "there is no job " + std::to_string(id) + "; it may have been removed",
              "id"};
}

/// Workers that look by themselves before it is due need not be told.
bool is_awaited(TimePoint due, TimePoint now) {
  return due <= now + poll_interval_longest;
}

std::vector<JobId> ids_of(std::span<const Submitted> stored) {
  std::vector<JobId> ids;
  ids.reserve(stored.size());
  for (const Submitted& submitted : stored)
    ids.push_back(submitted.id);
  return ids;
}

/// The row as it was written; to read it would be another trip, and to parse it again another
/// while.
Job as_stored(const NewJob& given, const PreparedJob& prepared, const Submitted& submitted) {
  Job job;
  job.id = submitted.id;
  job.tag = prepared.tag;
  job.type = prepared.type;
  job.user_id = prepared.user_id;
  job.data = given.data;
  job.due = due_of(prepared, submitted.created_at);
  job.queue = prepared.queue;
  job.priority = prepared.priority;
  job.timeout = prepared.timeout;
  job.unique_key = prepared.unique_key;
  job.concurrency_key = prepared.concurrency_key;
  job.cron_schedule = prepared.cron_schedule;
  job.timezone = prepared.timezone;
  job.persistent = prepared.persistent;
  job.remove_delay = prepared.remove_delay;
  if (!prepared.meta.empty())
    job.meta = Json::parse(prepared.meta);
  job.max_attempts = prepared.max_attempts;
  job.created_at = job.updated_at = submitted.created_at;
  return job;
}

}  // namespace

JobDesk::JobDesk(JobStore& store,
                 JobReader& reader,
                 const JobRegistry& registry,
                 Wake wake,
                 CancelRunning cancel_running,
                 BeginWait begin_wait)
    : store_{store},
      reader_{reader},
      registry_{registry},
      wake_{std::move(wake)},
      cancel_running_{std::move(cancel_running)},
      begin_wait_{std::move(begin_wait)} {}

void JobDesk::tell_workers() const {
  if (wake_)
    wake_();
}

std::vector<Submitted> JobDesk::store(std::span<const PreparedJob> prepared, TimePoint now) {
  const bool awaited = std::any_of(prepared.begin(), prepared.end(), [&](const PreparedJob& job) {
    return is_awaited(due_of(job, now), now);
  });
  static const Wake nobody{};
  return store_.submit(prepared, {}, awaited ? wake_ : nobody);
}

std::vector<Submitted> JobDesk::store_in_parts(std::span<const NewJob> jobs, TimePoint now) {
  PreparedAhead parts{jobs, registry_, now};
  return store_.submit_parts(parts, [&] {
    if (is_awaited(parts.earliest_due(), now))
      tell_workers();
  });
}

Job JobDesk::submit_job(const NewJob& job) {
  const TimePoint now = store_.now();
  const PreparedJob prepared = prepare(job, registry_, now);
  const Submitted submitted = store({&prepared, 1}, now).at(0);
  if (submitted.created)
    return as_stored(job, prepared, submitted);
  return stored_before(submitted.id).value_or(as_stored(job, prepared, {submitted.id, false, now}));
}

/// It is stored: an error now would make the caller submit it again.
std::optional<Job> JobDesk::stored_before(JobId id) {
  try {
    return reader_.find(id);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<JobId> JobDesk::submit_jobs(std::span<const NewJob> jobs) {
  const TimePoint now = store_.now();
  if (jobs.size() > PreparedAhead::part_size)
    return ids_of(store_in_parts(jobs, now));
  std::vector<PreparedJob> prepared;
  prepared.reserve(jobs.size());
  for (const NewJob& job : jobs)
    prepared.push_back(prepare(job, registry_, now));
  if (prepared.empty())
    return {};
  return ids_of(store(prepared, now));
}

std::vector<Submitted> JobDesk::submit_with_keys(std::span<const NewJob> jobs,
                                                 std::span<const std::string> keys) {
  const TimePoint now = store_.now();
  std::vector<PreparedJob> prepared;
  prepared.reserve(jobs.size());
  for (std::size_t each = 0; each < jobs.size(); ++each) {
    prepared.push_back(prepare(jobs[each], registry_, now));
    prepared.back().idempotency_key = keys[each];
  }
  return store(prepared, now);
}

Job JobDesk::submit_job(const BorrowedTransaction& transaction, const NewJob& job) {
  const PreparedJob prepared = prepare(job, registry_, store_.now());
  return as_stored(job, prepared, store_.submit_in(transaction, prepared));
}

std::optional<Job> JobDesk::latest(JobId id) {
  std::optional<Job> job = reader_.find(id);
  const bool has_retries = job && job->finished && job->cron_schedule.empty();
  return has_retries ? reader_.last_attempt(id) : job;
}

std::optional<Job> JobDesk::wait_for(JobId id, milliseconds timeout) {
  const auto deadline = steady_clock::now() + std::clamp(timeout, milliseconds{0}, wait_longest);
  const std::shared_ptr<void> waiting = begin_wait_ ? begin_wait_() : nullptr;
  for (milliseconds pause = poll_first;; pause = std::min(pause * 2, poll_longest)) {
    const std::uint64_t seen = news();
    std::optional<Job> job = latest(id);
    if (!job)
      refuse_missing(id);
    if (job->finished)
      return job;
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left <= milliseconds{0})
      return std::nullopt;
    wait_for_news(std::min(pause, left), seen);
  }
}

std::uint64_t JobDesk::news() {
  const std::lock_guard lock{mutex_};
  return news_;
}

void JobDesk::wait_for_news(milliseconds longest, std::uint64_t seen) {
  std::unique_lock lock{mutex_};
  finished_.wait_for(lock, longest, [&] { return news_ != seen; });
}

void JobDesk::job_finished() {
  {
    const std::lock_guard lock{mutex_};
    ++news_;
  }
  finished_.notify_all();
}

std::optional<Job> JobDesk::find_job(JobId id) {
  return reader_.find(id);
}

JobPage JobDesk::list_jobs(const JobFilter& filter) {
  return reader_.list(filter);
}

std::vector<Job> JobDesk::attempts_of(JobId id) {
  return reader_.attempts_of(id);
}

Job JobDesk::cancel_job(JobId id) {
  std::optional<Job> job = store_.cancel(id);
  if (!job)
    refuse_missing(id);
  if (job->state == JobState::started && job->worker && cancel_running_)
    cancel_running_(*job->worker, id);
  return *std::move(job);
}

Job JobDesk::retry_job(JobId id) {
  const std::optional<JobId> attempt = store_.retry(id);
  if (!attempt)
    refuse_missing(id);
  tell_workers();
  std::optional<Job> job = reader_.find(*attempt);
  if (!job)
    refuse_missing(*attempt);
  return *std::move(job);
}

void JobDesk::delete_job(JobId id) {
  if (!store_.remove(id))
    refuse_missing(id);
}

std::vector<WorkerInfo> JobDesk::list_workers() {
  return reader_.workers();
}

std::vector<CronInfo> JobDesk::list_crons() {
  return reader_.crons();
}

}  // namespace errand
