#pragma once

#include <cstddef>

#include "jobs/prepared_job.hpp"
#include "store/database.hpp"

namespace errand::sql {

/// How a submission becomes the parameters of a statement that inserts it.
struct RowBinding {
  std::size_t parameters_per_job{0};
  /// Sets the parameters from number `first` on.
  void (*bind)(Parameters& parameters, int first, const PreparedJob& job, TimePoint now){nullptr};
};

/// Of insert_job, insert_jobs and insert_job_once.
extern const RowBinding any_job;
/// Of insert_simple_job and insert_simple_jobs.
extern const RowBinding simple_job;

/// Of copy_jobs, and of copy_simple_jobs.
extern const RowBinding copied_job;
extern const RowBinding copied_simple_job;

/// It says no more than every job says: nothing optional but its user and how often it is tried.
[[nodiscard]] bool is_simple(const PreparedJob& job);

}  // namespace errand::sql
