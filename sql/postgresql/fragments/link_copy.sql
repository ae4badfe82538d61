INSERT INTO worker_jobs (tag, type, user_id, data, due, created_at, updated_at, cron_slot, attempt, crash_count, root_job,
  cron_schedule, rescheduled_from_job, timezone, misfire, queue, priority, max_attempts, retry_policy, timeout_ms,
  auto_reschedule_on_failure, auto_reschedule_on_failure_delay, persistent, remove_delay, unique_key, concurrency_key, meta)
