-- record_finished_run for held ones, whose claim is written with their end.
UPDATE worker_jobs NOT INDEXED
SET started = $11, claimed_by = $10, claim_seq = claim_seq + 1, finished = $12, updated_at = $12, success = $4, outcome = $5,
  reason = $6, result = $7, crash_count = max(crash_count, $8),
  remove_at = CASE WHEN persistent THEN NULL ELSE $12 + coalesce(remove_delay * 1000, $9) END
WHERE id BETWEEN $1 AND $2 AND claim_seq = $3 - 1 AND started IS NULL AND finished IS NULL
