SELECT {{job_columns}} FROM (
  SELECT * FROM worker_jobs WHERE id = (SELECT coalesce(root_job, id) FROM worker_jobs WHERE id = $1::bigint)
  UNION ALL
  SELECT * FROM worker_jobs WHERE root_job = (SELECT coalesce(root_job, id) FROM worker_jobs WHERE id = $1::bigint)) attempt_of
ORDER BY attempt, id
