id, tag, type, user_id, data, due, queue, priority, timeout_ms, unique_key, concurrency_key, cron_schedule, timezone, persistent,
remove_delay, meta, attempt, max_attempts, started, finished, success,
CASE WHEN finished IS NULL THEN NULL WHEN success THEN coalesce(outcome, 'succeeded') ELSE coalesce(outcome, 'failed') END, reason,
result, progress, claimed_by, rescheduled_from_job, root_job, crash_count, cancel_requested, remove_at, created_at, updated_at
