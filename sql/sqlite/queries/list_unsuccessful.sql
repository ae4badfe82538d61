SELECT {{job_columns}} FROM worker_jobs INDEXED BY worker_jobs_unsuccessful
WHERE success = 0 AND outcome = $8
  AND {{list_filter}}
ORDER BY id DESC LIMIT $7
