SELECT DISTINCT claimed_by FROM worker_jobs
WHERE claimed_by IS NOT NULL AND started IS NOT NULL AND finished IS NULL
  AND claimed_by NOT IN (SELECT id FROM worker_processes WHERE ended IS NULL)
ORDER BY claimed_by
