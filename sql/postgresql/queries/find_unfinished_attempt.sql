SELECT id FROM worker_jobs
WHERE root_job = (SELECT coalesce(root_job, id) FROM worker_jobs WHERE id = $1::bigint) AND finished IS NULL
ORDER BY root_job, id LIMIT 1
