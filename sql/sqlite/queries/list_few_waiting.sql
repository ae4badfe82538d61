-- When few wait, their index is read and sorted; from the newest row downwards there may be millions of others before the first.
SELECT {{job_columns}} FROM worker_jobs INDEXED BY worker_jobs_waiting
WHERE started IS NULL
  AND {{list_filter}}
ORDER BY id DESC LIMIT $7
