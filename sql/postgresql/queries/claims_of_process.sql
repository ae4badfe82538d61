SELECT {{claimed_columns}} FROM worker_jobs
WHERE claimed_by = $1 AND started IS NOT NULL AND finished IS NULL ORDER BY id
