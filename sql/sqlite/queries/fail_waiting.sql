UPDATE worker_jobs
SET started = $2, finished = $2, updated_at = $2, success = 0, outcome = 'failed', reason = $3, result = $4,
  remove_at = CASE WHEN persistent THEN NULL ELSE $2 + coalesce(remove_delay * 1000, $5) END
WHERE id = $1 AND started IS NULL
