-- Differs from PostgreSQL because nobody else writes meanwhile: the rows are read as they will be, and start_claimed makes them so.
-- An UPDATE with RETURNING costs half as much again, since it loads every column of a row to give some of them back.
WITH left_alone (first, last) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM json_each($6))
SELECT id, claim_seq + 1, attempt, max_attempts, crash_count, cancel_requested, user_id, priority, due, $3, created_at, tag, type,
  queue, data, retry_policy, auto_reschedule_on_failure, auto_reschedule_on_failure_delay, timeout_ms, cron_schedule, timezone,
  misfire, cron_slot, rescheduled_from_job, root_job, persistent, meta
FROM worker_jobs
WHERE started IS NULL AND queue = $1 AND priority = $2 AND due <= $3
  AND NOT EXISTS (SELECT 1 FROM left_alone WHERE worker_jobs.id BETWEEN first AND last)
  AND type IN (SELECT value FROM json_each($4))
ORDER BY due, id LIMIT $5
