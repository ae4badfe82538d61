SELECT id, claim_seq, crash_count, cancel_requested FROM worker_jobs
WHERE claimed_by = $1 AND started IS NOT NULL AND finished IS NULL ORDER BY id
