SELECT count(*) FROM (SELECT 1 FROM worker_jobs INDEXED BY worker_jobs_removable WHERE finished IS NOT NULL AND success = 1 LIMIT $1)
