UPDATE worker_jobs
SET started = $2, finished = $2, success = 0, outcome = 'cancelled', reason = 'cancelled', updated_at = $2,
  remove_at = CASE WHEN persistent THEN NULL ELSE $2 + coalesce(remove_delay * 1000, $3) END
WHERE id = $1 AND started IS NULL
