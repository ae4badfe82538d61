#include "store/submitted_row.hpp"

#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

void bind_simple(Parameters& parameters, int first, const PreparedJob& job, TimePoint now) {
  parameters.set_from(first,
                      job.tag,
                      job.type,
                      job.data,
                      due_of(job, now),
                      job.queue,
                      job.priority,
                      now,
                      job.user_id,
                      job.max_attempts);
}

void bind_any(Parameters& parameters, int first, const PreparedJob& job, TimePoint now) {
  constexpr int simple_parameters = 9;
  const bool is_cron = !job.cron_schedule.empty();
  bind_simple(parameters, first, job, now);
  parameters.set_from(first + simple_parameters,
                      text_or_null(job.retry_policy),
                      count_of(job.auto_reschedule_delay),
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

}  // namespace

const RowBinding any_job{22, bind_any};
const RowBinding simple_job{9, bind_simple};

bool is_simple(const PreparedJob& job) {
  return job.retry_policy.empty() && !job.auto_reschedule_delay && !job.timeout &&
         job.unique_key.empty() && job.concurrency_key.empty() && job.cron_schedule.empty() &&
         !job.cron_slot && !job.persistent && !job.remove_delay && job.meta.empty() &&
         job.idempotency_key.empty();
}

}  // namespace errand::sql
