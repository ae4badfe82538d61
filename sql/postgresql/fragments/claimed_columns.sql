id, claim_seq, attempt, max_attempts, crash_count, cancel_requested, user_id, priority, due, started, created_at, tag, type,
queue, data, retry_policy, auto_reschedule_on_failure, auto_reschedule_on_failure_delay, timeout_ms, cron_schedule, timezone,
misfire, cron_slot, rescheduled_from_job, root_job, persistent, meta
