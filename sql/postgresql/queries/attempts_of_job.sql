SELECT {{job_columns}} FROM worker_jobs
WHERE id = (SELECT coalesce(root_job, id) FROM worker_jobs WHERE id = $1::bigint)
  OR root_job = (SELECT coalesce(root_job, id) FROM worker_jobs WHERE id = $1::bigint)
ORDER BY attempt, id
