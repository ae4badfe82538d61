SELECT count(*) FROM (SELECT 1 FROM worker_jobs INDEXED BY worker_jobs_unsuccessful WHERE success = 0 AND outcome = $2 LIMIT $1)
