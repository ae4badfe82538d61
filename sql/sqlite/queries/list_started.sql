SELECT {{job_columns}} FROM worker_jobs INDEXED BY worker_jobs_claimed
WHERE started IS NOT NULL AND finished IS NULL
  AND {{list_filter}}
ORDER BY id DESC LIMIT $7
