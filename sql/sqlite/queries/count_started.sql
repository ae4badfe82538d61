SELECT count(*) FROM (SELECT 1 FROM worker_jobs INDEXED BY worker_jobs_claimed WHERE started IS NOT NULL AND finished IS NULL LIMIT $1)
