INSERT INTO worker_jobs (tag, type, data, due, queue, priority, created_at, updated_at, user_id, max_attempts, retry_policy,
  auto_reschedule_on_failure, auto_reschedule_on_failure_delay, timeout_ms, unique_key, concurrency_key, cron_schedule, timezone,
  misfire, cron_slot, persistent, remove_delay, meta, idempotency_key)
