SELECT {{job_columns}} FROM worker_jobs NOT INDEXED
WHERE 1 = 1
  AND {{list_filter}}
ORDER BY id DESC LIMIT $7
