INSERT INTO worker_jobs (tag, type, data, due, queue, priority, created_at, updated_at, user_id, max_attempts, retry_policy,
  auto_reschedule_on_failure, auto_reschedule_on_failure_delay, timeout_ms, unique_key, concurrency_key, cron_schedule, timezone,
  misfire, cron_slot, persistent, remove_delay, meta, idempotency_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11 IS NOT NULL, coalesce($11, 0), $12, $13, $14, $15, $16, $17, $18, $19, $20,
  $21, $22)
