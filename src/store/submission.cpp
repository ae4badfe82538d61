#include "store/submission.hpp"

#include <algorithm>

#include "store/held_jobs.hpp"
#include "store/job_rows.hpp"
#include "store/submitted_row.hpp"

namespace errand::sql {
namespace {

using std::chrono::microseconds;

bool is_plain(const PreparedJob& job) {
  return job.on_pending_tag == OnPendingTag::allow && job.idempotency_key.empty();
}

/// The keys in question: one, or the first few when a statement inserted several jobs.
std::string keys_of(std::span<const PreparedJob> jobs, std::string PreparedJob::*key) {
  constexpr int shown_max = 3;
  std::string keys;
  int shown = 0;
  for (const PreparedJob& job : jobs) {
    if ((job.*key).empty())
      continue;
    if (shown == shown_max)
      return keys + ", …";
    keys += (shown++ == 0 ? "" : ", ") + job.*key;
  }
  return keys;
}

/// In words that the submitter knows.
[[noreturn]] void explain_conflict(const Error& conflict, std::span<const PreparedJob> jobs) {
  if (conflict.field() == "unique_key")
    throw Error{ErrorKind::conflict,
                "nothing was stored: an unfinished job has the unique key (" +
                    keys_of(jobs, &PreparedJob::unique_key) +
                    "); wait for its end or choose another key",
                "uniqueKey"};
  if (conflict.field() == "tag")
    throw Error{ErrorKind::conflict,
                "nothing was stored: a run of the cron (" + keys_of(jobs, &PreparedJob::tag) +
                    ") is waiting already; cancel that one first or submit with onPendingTag "
                    "replace",
                "tag"};
  throw Error{conflict};
}

class Submission {
 public:
  Submission(Connection& connection,
             TimePoint now,
             const RetentionDefaults& retention,
             Insertion insertion)
      : connection_{connection}, now_{now}, retention_{retention}, insertion_{insertion} {}

  [[nodiscard]] std::vector<Submitted> insert_all(std::span<const PreparedJob> jobs) {
    submitted_.reserve(jobs.size());
    if (insertion_ == Insertion::alone && is_one_run(jobs))
      connection_.commit_along();
    for (std::size_t first = 0; first < jobs.size();) {
      std::size_t end = first;
      while (end < jobs.size() && is_plain(jobs[end]))
        ++end;
      if (end > first) {
        insert_plain(jobs.subspan(first, end - first));
        first = end;
      } else {
        submitted_.push_back(insert_with_policy(jobs[first++]));
      }
    }
    return std::move(submitted_);
  }

 private:
  [[nodiscard]] bool is_one_run(std::span<const PreparedJob> jobs) const {
    const std::size_t together = connection_.habits().together(jobs.size());
    return (together == 0 || together == jobs.size()) &&
           std::all_of(jobs.begin(), jobs.end(), is_plain);
  }

  void insert_plain(std::span<const PreparedJob> jobs) {
    ids_.clear();
    std::size_t together = connection_.habits().together(jobs.size());
    if (together > 0 && connection_.habits().tells_ids)
      insert_many(jobs.first(together));
    else if (together > 0)
      together = insert_numbered(jobs.first(together));
    insert_singly(jobs.subspan(together));
    std::sort(ids_.begin(), ids_.end());  // ids grow in the order of insertion
    for (const JobId id : ids_)
      submitted_.push_back({id, true, now_});
  }

  /// Nobody else inserts meanwhile. Returns how many it could insert so that their ids are known.
  [[nodiscard]] std::size_t insert_numbered(std::span<const PreparedJob> jobs) {
    const auto last = connection_.select_integer(Query::last_job_id);
    if (!last)
      return 0;
    insert_many(jobs);
    for (std::size_t job = 0; job < jobs.size(); ++job)
      ids_.push_back(*last + 1 + static_cast<JobId>(job));
    return jobs.size();
  }

  void insert_many(std::span<const PreparedJob> jobs) {
    const Habits& habits = connection_.habits();
    const auto jobs_of = [&](std::size_t item) {
      const std::size_t first = item * habits.rows_per_statement;
      return jobs.subspan(first, std::min(habits.rows_per_statement, jobs.size() - first));
    };
    const std::size_t statements = habits.statements_for(jobs.size());
    if (std::all_of(jobs.begin(), jobs.end(), is_simple))
      insert({Query::insert_simple_jobs, simple_job}, jobs, statements, jobs_of);
    else
      insert({Query::insert_jobs, any_job}, jobs, statements, jobs_of);
  }

  void insert_singly(std::span<const PreparedJob> jobs) {
    const bool all_simple = std::all_of(jobs.begin(), jobs.end(), is_simple);
    insert(all_simple ? Statement{Query::insert_simple_job, simple_job}
                      : Statement{Query::insert_job, any_job},
           jobs,
           jobs.size(),
           [&](std::size_t item) { return jobs.subspan(item, 1); });
  }

  struct Statement {
    Query query;
    const RowBinding& row;
  };

  void insert(const Statement& statement,
              std::span<const PreparedJob> jobs,
              std::size_t times,
              const std::function<std::span<const PreparedJob>(std::size_t item)>& jobs_of) {
    if (times == 0)
      return;
    try {
      connection_.run(statement.query,
                      {.times = times,
                       .bind =
                           [&](std::size_t item, Parameters& parameters) {
                             bind_all(parameters, jobs_of(item), statement.row);
                           },
                       .on_row =
                           [&](std::size_t, const Row& row) {
                             ids_.push_back(row.integer(0));
                           }});
    } catch (const Error& failure) {
      if (failure.kind() != ErrorKind::conflict)
        throw;
      explain_conflict(failure, jobs);
    }
  }

  void bind_all(Parameters& parameters,
                std::span<const PreparedJob> jobs,
                const RowBinding& row) const {
    int next = 1;
    for (const PreparedJob& job : jobs) {
      row.bind(parameters, next, job, now_);
      next += static_cast<int>(row.parameters_per_job);
    }
  }

  [[nodiscard]] Submitted insert_with_policy(const PreparedJob& job) {
    if (const auto earlier = find_repeated(job))
      return {*earlier, false};
    if (job.on_pending_tag != OnPendingTag::allow)
      connection_.execute(Query::lock_tag, job.tag);
    if (job.on_pending_tag == OnPendingTag::keep)
      if (const auto waiting = connection_.select_integer(Query::find_waiting_by_tag, job.tag))
        return {*waiting, false};
    if (job.on_pending_tag == OnPendingTag::replace) {
      write_noted_claims_of_tag(connection_, job.tag, now_);
      connection_.execute(
          Query::supersede_waiting, job.tag, now_, microseconds{retention_.failed}.count());
    }
    return insert_or_find(job);
  }

  /// Another submitter's row with the same idempotency key may be removed between the two looks.
  [[nodiscard]] Submitted insert_or_find(const PreparedJob& job) {
    constexpr int tries_max = 7;
    for (int tries = 0; tries < tries_max; ++tries) {
      if (const auto id = insert_once(job))
        return {*id, true, now_};
      if (const auto earlier = find_repeated(job))
        return {*earlier, false};
    }
    throw TransientError{"the job with the idempotency key " + job.idempotency_key +
                         " was not stored: rows with this key come and go; try again"};
  }

  [[nodiscard]] std::optional<JobId> find_repeated(const PreparedJob& job) {
    if (job.idempotency_key.empty())
      return std::nullopt;
    return connection_.select_integer(Query::find_idempotent_job, job.idempotency_key);
  }

  [[nodiscard]] std::optional<JobId> insert_once(const PreparedJob& job) {
    std::optional<JobId> id;
    try {
      connection_.run(
          Query::insert_job_once,
          {.bind = [&](std::size_t,
                       Parameters& parameters) { any_job.bind(parameters, 1, job, now_); },
           .on_row =
               [&](std::size_t, const Row& row) {
                 id = row.integer(0);
               }});
    } catch (const Error& failure) {
      if (failure.kind() != ErrorKind::conflict)
        throw;
      explain_conflict(failure, {&job, 1});
    }
    return id;
  }

  Connection& connection_;
  TimePoint now_;
  const RetentionDefaults& retention_;
  Insertion insertion_;
  std::vector<Submitted> submitted_{};
  std::vector<JobId> ids_{};
};

}  // namespace

std::vector<Submitted> insert_jobs(Connection& connection,
                                   std::span<const PreparedJob> jobs,
                                   TimePoint now,
                                   const RetentionDefaults& retention,
                                   Insertion insertion) {
  return Submission{connection, now, retention, insertion}.insert_all(jobs);
}

}  // namespace errand::sql
