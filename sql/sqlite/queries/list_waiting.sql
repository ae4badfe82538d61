SELECT {{job_columns}} FROM worker_jobs NOT INDEXED
WHERE started IS NULL
  AND {{list_filter}}
ORDER BY id DESC LIMIT $7
