-- record_held_run for jobs, $1, that are not consecutive.
UPDATE worker_jobs NOT INDEXED
SET started = $10, claimed_by = $9, claim_seq = claim_seq + 1, finished = $11, updated_at = $11, success = $3, outcome = $4,
  reason = $5, result = $6, crash_count = max(crash_count, $7),
  remove_at = CASE WHEN persistent THEN NULL ELSE $11 + coalesce(remove_delay * 1000, $8) END
WHERE id IN (SELECT value FROM json_each($1)) AND claim_seq = $2 - 1 AND started IS NULL AND finished IS NULL
