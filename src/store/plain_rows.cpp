#include "store/plain_rows.hpp"

#include <algorithm>
#include <utility>

#include "store/submission_conflict.hpp"

namespace errand::sql {

bool is_plain(const PreparedJob& job) {
  return job.on_pending_tag == OnPendingTag::allow && job.idempotency_key.empty();
}

struct PlainRows::Statement {
  Query query;
  const RowBinding& row;
};

bool PlainRows::is_one_run(std::span<const PreparedJob> jobs) const {
  const std::size_t together = connection_.habits().together(jobs.size());
  return (together == 0 || together == jobs.size()) && !is_copied(jobs) &&
         std::all_of(jobs.begin(), jobs.end(), is_plain);
}

bool PlainRows::is_copied(std::span<const PreparedJob> jobs) const {
  const std::size_t rows_min = connection_.habits().copied_rows_min;
  return rows_min > 0 && jobs.size() >= rows_min;
}

void PlainRows::insert(std::span<const PreparedJob> jobs) {
  if (copy_ && copies_simple_ && !std::all_of(jobs.begin(), jobs.end(), is_simple))
    end_copy();
  if (!copy_ && is_copied(jobs)) {
    begin_copy(jobs);
    jobs = jobs.subspan(1);
  }
  if (copy_)
    copy(jobs);
  else
    insert_now(jobs);
}

std::vector<JobId> PlainRows::take() {
  if (copy_)
    end_copy();
  return std::exchange(ids_, {});
}

void PlainRows::insert_now(std::span<const PreparedJob> jobs) {
  const auto before = static_cast<std::ptrdiff_t>(ids_.size());
  std::size_t together = connection_.habits().together(jobs.size());
  if (together > 0 && connection_.habits().tells_ids)
    insert_many(jobs.first(together));
  else if (together > 0)
    together = insert_numbered(jobs.first(together));
  insert_singly(jobs.subspan(together));
  std::sort(ids_.begin() + before, ids_.end());  // ids grow in the order of insertion
}

/// The first one is inserted and tells its id; the next are copied, if the table takes copies.
void PlainRows::begin_copy(std::span<const PreparedJob> jobs) {
  copies_simple_ = std::all_of(jobs.begin(), jobs.end(), is_simple);
  insert_singly(jobs.first(1));
  copy_ = connection_.copy(copies_simple_ ? Query::copy_simple_jobs : Query::copy_jobs);
  copied_ = 0;
  copied_of_.clear();
}

/// A statement of the server's is over long before its time is.
void PlainRows::copy(std::span<const PreparedJob> jobs) {
  constexpr std::size_t rows_max = 50'000;
  constexpr std::size_t bytes_max = 16'000'000;
  for (const PreparedJob& job : std::exchange(held_back_, {jobs.back()}))
    copy_one(job);
  for (const PreparedJob& job : jobs.first(jobs.size() - 1))
    copy_one(job);
  if (copied_ >= rows_max || copy_->bytes() >= bytes_max)
    end_copy();
}

void PlainRows::copy_one(const PreparedJob& job) {
  constexpr std::size_t kept_max = 4;
  if (copied_of_.size() < kept_max)
    copied_of_.push_back(job);
  const RowBinding& row = copies_simple_ ? copied_simple_job : copied_job;
  row.bind(copy_->row(), 1, job, now_);
  copy_->add();
  ++copied_;
}

void PlainRows::end_copy() {
  const auto copy = std::exchange(copy_, nullptr);
  explaining(copied_of_, [&] { copy->end(); });
  const JobId first = ids_.back();
  insert_singly(std::exchange(held_back_, {}));
  const JobId last = ids_.back();
  ids_.pop_back();
  note_ids_between(first, last);
  ids_.push_back(last);
}

/// All that lie between, where there is no room for anybody else's.
void PlainRows::note_ids_between(JobId first, JobId last) {
  const std::size_t before = ids_.size();
  if (static_cast<std::size_t>(last - first - 1) == copied_)
    for (JobId id = first + 1; id < last; ++id)
      ids_.push_back(id);
  else
    connection_.select(
        Query::copied_ids, [&](const Row& row) { ids_.push_back(row.integer(0)); }, first, last);
  if (ids_.size() - before != copied_)
    throw Error{ErrorKind::bug,
                "nothing was stored: " + std::to_string(copied_) +
                    " jobs were copied into worker_jobs, but " +
                    std::to_string(ids_.size() - before) +
                    " have an id between the first and the last one; report it with the "
                    "definition of the table's id"};
}

/// Nobody else inserts meanwhile. Returns how many it could insert so that their ids are known.
std::size_t PlainRows::insert_numbered(std::span<const PreparedJob> jobs) {
  const auto last = connection_.select_integer(Query::last_job_id);
  if (!last)
    return 0;
  insert_many(jobs);
  for (std::size_t job = 0; job < jobs.size(); ++job)
    ids_.push_back(*last + 1 + static_cast<JobId>(job));
  return jobs.size();
}

void PlainRows::insert_many(std::span<const PreparedJob> jobs) {
  const Habits& habits = connection_.habits();
  const auto jobs_of = [&](std::size_t item) {
    const std::size_t first = item * habits.rows_per_statement;
    return jobs.subspan(first, std::min(habits.rows_per_statement, jobs.size() - first));
  };
  const std::size_t statements = habits.statements_for(jobs.size());
  if (std::all_of(jobs.begin(), jobs.end(), is_simple))
    run({Query::insert_simple_jobs, simple_job}, jobs, statements, jobs_of);
  else
    run({Query::insert_jobs, any_job}, jobs, statements, jobs_of);
}

void PlainRows::insert_singly(std::span<const PreparedJob> jobs) {
  const bool all_simple = std::all_of(jobs.begin(), jobs.end(), is_simple);
  run(all_simple ? Statement{Query::insert_simple_job, simple_job}
                 : Statement{Query::insert_job, any_job},
      jobs,
      jobs.size(),
      [&](std::size_t item) { return jobs.subspan(item, 1); });
}

void PlainRows::run(const Statement& statement,
                    std::span<const PreparedJob> jobs,
                    std::size_t times,
                    const std::function<std::span<const PreparedJob>(std::size_t item)>& jobs_of) {
  if (times == 0)
    return;
  explaining(jobs, [&] {
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
  });
}

void PlainRows::bind_all(Parameters& parameters,
                         std::span<const PreparedJob> jobs,
                         const RowBinding& row) const {
  int next = 1;
  for (const PreparedJob& job : jobs) {
    row.bind(parameters, next, job, now_);
    next += static_cast<int>(row.parameters_per_job);
  }
}

}  // namespace errand::sql
