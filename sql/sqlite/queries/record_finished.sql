UPDATE worker_jobs
SET finished = $3, updated_at = $3, success = $4, outcome = $5, reason = $6, result = $7, crash_count = $8,
  remove_at = CASE WHEN persistent THEN NULL ELSE $3 + coalesce(remove_delay * 1000, $9) END
WHERE id = $1 AND claim_seq = $2 AND started IS NOT NULL AND finished IS NULL
