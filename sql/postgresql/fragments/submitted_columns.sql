-- Only in PostgreSQL because what copy_jobs names is named twice.
{{simple_columns}}, retry_policy,
  auto_reschedule_on_failure, auto_reschedule_on_failure_delay, timeout_ms, unique_key, concurrency_key, cron_schedule, timezone,
  misfire, cron_slot, persistent, remove_delay, meta, idempotency_key
