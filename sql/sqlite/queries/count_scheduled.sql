SELECT count(*) FROM (SELECT 1 FROM worker_jobs INDEXED BY worker_jobs_waiting WHERE started IS NULL LIMIT $1)
