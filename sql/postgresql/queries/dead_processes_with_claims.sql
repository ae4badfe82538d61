SELECT DISTINCT claimed_by FROM worker_jobs
WHERE claimed_by IS NOT NULL AND started IS NOT NULL AND finished IS NULL
  AND NOT EXISTS (SELECT FROM worker_processes WHERE id = claimed_by AND ended IS NULL)
ORDER BY claimed_by
