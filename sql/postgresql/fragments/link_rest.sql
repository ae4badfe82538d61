id, timezone, misfire, queue, priority, max_attempts, retry_policy, timeout_ms, auto_reschedule_on_failure,
  auto_reschedule_on_failure_delay, persistent, remove_delay, unique_key, concurrency_key, meta
