#pragma once

#include <atomic>
#include <condition_variable>
#include <errand/worker_manager.hpp>
#include <map>
#include <mutex>
#include <set>

#include "store/job_store.hpp"

namespace errand::testing {

/// What can go wrong behind the server, switched by a test.
struct Fault {
  std::atomic<bool> away{false};    ///< Error{unavailable}
  std::atomic<bool> broken{false};  ///< an exception that nobody expected

  void check() const {
    if (away)
      throw Error{ErrorKind::unavailable, "cannot reach the database; trying again"};
    if (broken)
      throw std::runtime_error{"secret detail"};
  }
};

/// Jobs in memory: the rules that the HTTP interface shows, and no more.
class FakeJobs final : public WorkerManager, public JobReader {
 public:
  Fault fault{};
  std::function<void()> before_list{};

  Job submit_job(const NewJob& job) override {
    const std::lock_guard lock{mutex_};
    return insert(job);
  }

  std::vector<JobId> submit_jobs(std::span<const NewJob> jobs) override {
    const std::lock_guard lock{mutex_};
    fault.check();
    for (const NewJob& job : jobs)
      check_type(job);
    std::vector<JobId> ids;
    for (const NewJob& job : jobs)
      ids.push_back(insert(job).id);
    return ids;
  }

  Job submit_job(const BorrowedTransaction&, const NewJob& job) override { return submit_job(job); }

  std::vector<Submitted> submit_with_keys(std::span<const NewJob> jobs,
                                          std::span<const std::string> keys) {
    const std::lock_guard lock{mutex_};
    std::vector<Submitted> submitted;
    for (std::size_t at = 0; at < jobs.size(); ++at) {
      const auto known = keys_.find(keys[at]);
      if (known != keys_.end()) {
        submitted.push_back({known->second, false});
        continue;
      }
      submitted.push_back({insert(jobs[at]).id, true});
      keys_[keys[at]] = submitted.back().id;
    }
    return submitted;
  }

  std::optional<Job> wait_for(JobId, milliseconds) override { return std::nullopt; }

  std::optional<Job> find_job(JobId id) override { return find(id); }

  JobPage list_jobs(const JobFilter& filter) override { return list(filter); }

  std::vector<Job> attempts_of(JobId id) override {
    const auto job = find(id);
    return job ? std::vector{*job} : std::vector<Job>{};
  }

  Job cancel_job(JobId id) override {
    const std::lock_guard lock{mutex_};
    Job& job = get(id);
    if (job.finished)
      throw Error{ErrorKind::conflict, "job " + std::to_string(id) + " has finished already"};
    end(job, JobState::cancelled);
    return job;
  }

  Job retry_job(JobId id) override {
    const std::lock_guard lock{mutex_};
    const Job old = get(id);
    if (!old.finished)
      throw Error{ErrorKind::conflict, "job " + std::to_string(id) + " has not finished"};
    NewJob again;
    again.tag = old.tag;
    again.type = old.type;
    return insert(again);
  }

  void delete_job(JobId id) override {
    const std::lock_guard lock{mutex_};
    get(id);
    jobs_.erase(id);
  }

  std::vector<WorkerInfo> list_workers() override { return workers(); }

  std::vector<CronInfo> list_crons() override { return crons(); }

  std::optional<Job> find(JobId id) override {
    const std::lock_guard lock{mutex_};
    fault.check();
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? std::nullopt : std::optional{found->second};
  }

  JobPage list(const JobFilter& filter) override {
    if (before_list)
      before_list();
    const std::lock_guard lock{mutex_};
    fault.check();
    last_filter_ = filter;
    JobPage page;
    for (auto at = jobs_.rbegin(); at != jobs_.rend(); ++at) {
      if (filter.before && at->first >= *filter.before)
        continue;
      if (std::cmp_equal(page.jobs.size(), filter.limit)) {
        page.next = page.jobs.back().id;
        break;
      }
      page.jobs.push_back(at->second);
    }
    return page;
  }

  std::optional<Job> last_attempt(JobId id) override {
    questions += 1;
    return find(id);
  }

  std::vector<WorkerInfo> workers() override {
    fault.check();
    WorkerInfo worker;
    worker.id = 7;
    worker.node = "node";
    return {worker};
  }

  std::vector<CronInfo> crons() override {
    fault.check();
    CronInfo cron;
    cron.tag = "nightly";
    return {cron};
  }

  Json counts(int cap) override {
    fault.check();
    return {{"scheduled",
             {{"count", std::min<std::size_t>(jobs_.size(), static_cast<std::size_t>(cap))},
              {"capped", false}}}};
  }

  void ping() override { fault.check(); }

  /// As a worker would.
  void finish(JobId id) {
    const std::lock_guard lock{mutex_};
    end(get(id), JobState::succeeded);
  }

  JobFilter last_filter() {
    const std::lock_guard lock{mutex_};
    return last_filter_;
  }

  std::atomic<int> questions{0};  ///< of `last_attempt`

 private:
  static void check_type(const NewJob& job) {
    if (job.type != "known")
      throw Error{ErrorKind::not_found, "there is no job type '" + job.type + "'; there is: known"};
  }

  Job insert(const NewJob& job) {
    fault.check();
    check_type(job);
    Job row;
    row.id = ++last_id_;
    row.tag = job.tag;
    row.type = job.type;
    row.user_id = job.user_id;
    row.data = job.data;
    jobs_[row.id] = row;
    return row;
  }

  Job& get(JobId id) {
    fault.check();
    const auto found = jobs_.find(id);
    if (found == jobs_.end())
      throw Error{ErrorKind::not_found, "there is no job " + std::to_string(id)};
    return found->second;
  }

  static void end(Job& job, JobState state) {
    job.state = state;
    job.finished = TimePoint{std::chrono::seconds{1}};
  }

  std::mutex mutex_{};
  JobId last_id_{0};
  std::map<JobId, Job> jobs_{};
  std::map<std::string, JobId> keys_{};
  JobFilter last_filter_{};
};

/// Notifications in memory. `before_since` and `after_since` run around the look at them.
class FakeNotifications final : public NotificationStore {
 public:
  Fault fault{};
  std::function<void()> before_since{};
  std::function<void()> after_since{};

  Notification create(std::int64_t user_id, const Json& data) override {
    const std::lock_guard lock{mutex_};
    Notification row;
    row.id = static_cast<std::int64_t>(rows_.size()) + 1;
    row.user_id = user_id;
    row.data = data;
    rows_.push_back(row);
    return row;
  }

  std::vector<Notification> list(std::int64_t user_id,
                                 std::optional<std::int64_t> before,
                                 int limit) override {
    const std::lock_guard lock{mutex_};
    fault.check();
    std::vector<Notification> found;
    for (auto at = rows_.rbegin(); at != rows_.rend() && std::cmp_less(found.size(), limit); ++at) {
      if (at->user_id == user_id && (!before || at->id < *before))
        found.push_back(*at);
    }
    return found;
  }

  std::vector<Notification> since(std::int64_t user_id, std::int64_t after, int limit) override {
    if (before_since)
      before_since();
    std::vector<Notification> found;
    {
      const std::lock_guard lock{mutex_};
      fault.check();
      for (const Notification& row : rows_) {
        if (row.user_id == user_id && row.id > after && std::cmp_less(found.size(), limit))
          found.push_back(row);
      }
    }
    if (after_since)
      after_since();
    return found;
  }

  bool mark_read(std::int64_t user_id, std::int64_t id) override {
    const std::lock_guard lock{mutex_};
    for (Notification& row : rows_) {
      if (row.id == id && row.user_id == user_id)
        return row.read = true;
    }
    return false;
  }

  int mark_all_read(std::int64_t user_id) override {
    const std::lock_guard lock{mutex_};
    int marked = 0;
    for (Notification& row : rows_) {
      marked += row.user_id == user_id && !row.read ? 1 : 0;
      row.read = row.read || row.user_id == user_id;
    }
    return marked;
  }

 private:
  std::mutex mutex_{};
  std::vector<Notification> rows_{};
};

}  // namespace errand::testing
