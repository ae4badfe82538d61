#include "store/submission.hpp"

#include "store/held_jobs.hpp"
#include "store/plain_rows.hpp"
#include "store/submission_conflict.hpp"
#include "store/submitted_row.hpp"

namespace errand::sql {
namespace {

using std::chrono::microseconds;

class Submission {
 public:
  Submission(Connection& connection, TimePoint now, const RetentionDefaults& retention)
      : connection_{connection}, now_{now}, retention_{retention} {}

  void commit_with(std::span<const PreparedJob> jobs) {
    if (rows_.is_one_run(jobs))
      connection_.commit_along();
  }

  void insert(std::span<const PreparedJob> jobs) {
    submitted_.reserve(submitted_.size() + jobs.size());
    for (std::size_t first = 0; first < jobs.size();) {
      std::size_t end = first;
      while (end < jobs.size() && is_plain(jobs[end]))
        ++end;
      if (end > first) {
        rows_.insert(jobs.subspan(first, end - first));
        first = end;
      } else {
        take_rows();
        submitted_.push_back(insert_with_policy(jobs[first++]));
      }
    }
  }

  [[nodiscard]] std::vector<Submitted> take() {
    take_rows();
    return std::move(submitted_);
  }

 private:
  void take_rows() {
    for (const JobId id : rows_.take())
      submitted_.push_back({id, true, now_});
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
    explaining({&job, 1}, [&] {
      connection_.run(
          Query::insert_job_once,
          {.bind = [&](std::size_t,
                       Parameters& parameters) { any_job.bind(parameters, 1, job, now_); },
           .on_row =
               [&](std::size_t, const Row& row) {
                 id = row.integer(0);
               }});
    });
    return id;
  }

  Connection& connection_;
  TimePoint now_;
  const RetentionDefaults& retention_;
  std::vector<Submitted> submitted_{};
  PlainRows rows_{connection_, now_};
};

}  // namespace

std::vector<Submitted> insert_jobs(Connection& connection,
                                   std::span<const PreparedJob> jobs,
                                   TimePoint now,
                                   const RetentionDefaults& retention,
                                   Insertion insertion) {
  Submission submission{connection, now, retention};
  if (insertion == Insertion::alone)
    submission.commit_with(jobs);
  submission.insert(jobs);
  return submission.take();
}

std::vector<Submitted> insert_parts(Connection& connection,
                                    PreparedParts& parts,
                                    TimePoint now,
                                    const RetentionDefaults& retention) {
  Submission submission{connection, now, retention};
  for (auto part = parts.next(); !part.empty(); part = parts.next())
    submission.insert(part);
  return submission.take();
}

}  // namespace errand::sql
