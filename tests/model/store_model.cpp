#include "model/store_model.hpp"

#include <algorithm>

namespace errand::testing {
namespace {

template <typename Jobs, typename Predicate>
bool any(const Jobs& jobs, Predicate predicate) {
  return std::any_of(
      jobs.begin(), jobs.end(), [&](const auto& entry) { return predicate(entry.second); });
}

}  // namespace

bool StoreModel::unfinished_has_key(const std::string& key) const {
  return !key.empty() &&
         any(jobs_, [&](const ModelJob& job) { return !job.finished() && job.unique_key == key; });
}

bool StoreModel::has_live_link(const std::string& tag) const {
  return any(jobs_,
             [&](const ModelJob& job) { return job.is_cron && !job.finished() && job.tag == tag; });
}

std::optional<JobId> StoreModel::kept_by(const PreparedJob& job) const {
  if (job.on_pending_tag != OnPendingTag::keep)
    return std::nullopt;
  for (const auto& [id, other] : jobs_)
    if (other.waits() && other.tag == job.tag)
      return id;
  return std::nullopt;
}

bool StoreModel::refuses(const PreparedJob& job) const {
  const bool replaces = job.on_pending_tag == OnPendingTag::replace;
  return any(jobs_, [&](const ModelJob& other) {
    if (replaces && other.waits() && other.tag == job.tag)
      return false;
    const bool same_key =
        !job.unique_key.empty() && !other.finished() && other.unique_key == job.unique_key;
    const bool same_link =
        !job.cron_schedule.empty() && other.is_cron && other.waits() && other.tag == job.tag;
    return same_key || same_link;
  });
}

void StoreModel::submit(JobId id, const PreparedJob& job, TimePoint now) {
  if (job.on_pending_tag == OnPendingTag::replace)
    for (auto& [other_id, other] : jobs_)
      if (other.waits() && other.tag == job.tag)
        end(other, JobState::cancelled, "superseded", now);
  ModelJob& added = jobs_[id];
  added.tag = job.tag;
  added.queue = job.queue;
  added.unique_key = job.unique_key;
  added.is_cron = !job.cron_schedule.empty();
  added.priority = job.priority;
  added.due = job.due.instant().value_or(now + job.due.delay());
  added.root = id;
}

std::vector<JobId> StoreModel::claimable(int limit, TimePoint now) const {
  std::vector<JobId> due;
  for (const auto& [id, job] : jobs_)
    if (job.waits() && job.due <= now)
      due.push_back(id);
  std::stable_sort(due.begin(), due.end(), [this](JobId left, JobId right) {
    return jobs_.at(left).priority < jobs_.at(right).priority;
  });
  due.resize(std::min(due.size(), static_cast<std::size_t>(limit)));
  return due;
}

std::optional<TimePoint> StoreModel::next_due(TimePoint now) const {
  std::optional<TimePoint> next;
  for (const auto& [id, job] : jobs_)
    if (job.waits() && job.due > now && (!next || job.due < *next))
      next = job.due;
  return next;
}

void StoreModel::claim(JobId id) {
  ModelJob& job = jobs_.at(id);
  job.state = JobState::started;
  ++job.claim_seq;
}

void StoreModel::end(ModelJob& job, JobState state, const std::string& reason, TimePoint now) {
  const RetentionDefaults kept;
  job.state = state;
  job.reason = reason;
  job.remove_at = now + (state == JobState::succeeded ? kept.succeeded : kept.failed);
}

bool StoreModel::finish(JobId id, int claim_seq, JobState state, TimePoint now) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.claim_seq != claim_seq || found->second.waits())
    return false;
  if (found->second.state == JobState::started)
    end(found->second, state, state == JobState::succeeded ? "" : "error", now);
  return true;  // finished under this claim before: the answer was lost
}

void StoreModel::add_retry(JobId retry_id, JobId of, TimePoint due) {
  const ModelJob& failed = jobs_.at(of);
  ModelJob retry = failed;
  retry.is_cron = failed.is_cron && !has_live_link(failed.tag);
  retry.state = JobState::scheduled;
  retry.reason.clear();
  retry.remove_at.reset();
  retry.claim_seq = 0;
  retry.cancel_requested = false;
  retry.due = due;
  for (const auto& [id, job] : jobs_)
    if (job.root == failed.root)
      retry.attempt = std::max(retry.attempt, job.attempt + 1);
  jobs_[retry_id] = retry;
}

bool StoreModel::put_back(JobId id, int claim_seq, std::optional<TimePoint> due) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.claim_seq != claim_seq)
    return false;
  ModelJob& job = found->second;
  if (job.state == JobState::started) {
    if (any(jobs_, [&](const ModelJob& other) {
          return other.is_cron && other.waits() && other.tag == job.tag;
        }))
      job.is_cron = false;
    job.state = JobState::scheduled;
    job.due = due.value_or(job.due);
  }
  return job.waits();
}

bool StoreModel::cancel(JobId id, TimePoint now) {
  ModelJob& job = jobs_.at(id);
  if (job.finished())
    return false;
  if (job.waits())
    end(job, JobState::cancelled, "cancelled", now);
  else
    job.cancel_requested = true;
  return true;
}

bool StoreModel::retry_is_legal(JobId id) const {
  const ModelJob& job = jobs_.at(id);
  const bool chain_is_open = any(
      jobs_, [&](const ModelJob& other) { return other.root == job.root && !other.finished(); });
  return job.finished() && !chain_is_open && !unfinished_has_key(job.unique_key);
}

bool StoreModel::remove(JobId id) {
  if (jobs_.at(id).state == JobState::started)
    return false;
  jobs_.erase(id);
  return true;
}

int StoreModel::remove_old(TimePoint now) {
  return static_cast<int>(std::erase_if(jobs_, [now](const auto& entry) {
    return entry.second.remove_at && *entry.second.remove_at <= now;
  }));
}

}  // namespace errand::testing
