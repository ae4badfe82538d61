-- A row that another program has started is nobody's claim.
UPDATE worker_jobs
SET finished = $10, updated_at = $10, success = $3, outcome = $4, reason = $5, result = $6, crash_count = max(crash_count, $7),
  remove_at = CASE WHEN persistent THEN NULL ELSE $10 + coalesce(remove_delay * 1000, $8) END
WHERE id = $1 AND claim_seq = $2 AND claimed_by IS NOT NULL AND ($9 = 0 OR claimed_by = $9) AND started IS NOT NULL AND finished IS NULL
