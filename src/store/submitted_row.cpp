#include "store/submitted_row.hpp"

#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

constexpr int core_values = 6;

void bind_core(Parameters& parameters, int first, const PreparedJob& job, TimePoint now) {
  parameters.set_from(
      first, job.tag, job.type, job.data, due_of(job, now), job.queue, job.priority);
}

void bind_simple(Parameters& parameters, int first, const PreparedJob& job, TimePoint now) {
  bind_core(parameters, first, job, now);
  parameters.set_from(first + core_values, now, job.user_id, job.max_attempts);
}

/// What a job may say besides: from `timeout` on.
void bind_options(Parameters& parameters, int first, const PreparedJob& job) {
  const bool is_cron = !job.cron_schedule.empty();
  parameters.set_from(first,
                      count_of(job.timeout),
                      text_or_null(job.unique_key),
                      text_or_null(job.concurrency_key),
                      text_or_null(job.cron_schedule),
                      text_or_null(job.timezone),
                      is_cron ? Param{misfire_text(job.misfire)} : Param{},
                      job.cron_slot,
                      job.persistent,
                      count_of(job.remove_delay),
                      text_or_null(job.meta),
                      text_or_null(job.idempotency_key));
}

void bind_any(Parameters& parameters, int first, const PreparedJob& job, TimePoint now) {
  constexpr int simple_parameters = 9;
  bind_simple(parameters, first, job, now);
  first += simple_parameters;
  parameters.set_from(first, text_or_null(job.retry_policy), count_of(job.auto_reschedule_delay));
  bind_options(parameters, first + 2, job);
}

/// Created, and then changed.
void bind_copied_simple(Parameters& parameters, int first, const PreparedJob& job, TimePoint now) {
  bind_core(parameters, first, job, now);
  parameters.set_from(first + core_values, now, now, job.user_id, job.max_attempts);
}

/// The columns as they are: nothing computes them on the way.
void bind_copied(Parameters& parameters, int first, const PreparedJob& job, TimePoint now) {
  constexpr int simple_columns = 10;
  bind_copied_simple(parameters, first, job, now);
  first += simple_columns;
  parameters.set_from(first,
                      text_or_null(job.retry_policy),
                      job.auto_reschedule_delay.has_value(),
                      count_of(job.auto_reschedule_delay.value_or(milliseconds{0})));
  bind_options(parameters, first + 3, job);
}

}  // namespace

const RowBinding any_job{22, bind_any};
const RowBinding simple_job{9, bind_simple};
const RowBinding copied_job{24, bind_copied};
const RowBinding copied_simple_job{10, bind_copied_simple};

bool is_simple(const PreparedJob& job) {
  return job.retry_policy.empty() && !job.auto_reschedule_delay && !job.timeout &&
         job.unique_key.empty() && job.concurrency_key.empty() && job.cron_schedule.empty() &&
         !job.cron_slot && !job.persistent && !job.remove_delay && job.meta.empty() &&
         job.idempotency_key.empty();
}

}  // namespace errand::sql
