UPDATE worker_jobs
SET started = NULL, claimed_by = NULL, cancel_requested = 0, due = $3, crash_count = $4, updated_at = $5
WHERE id = $1 AND claim_seq = $2 AND started IS NOT NULL AND finished IS NULL
