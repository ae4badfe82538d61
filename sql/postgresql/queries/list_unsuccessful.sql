-- Rows that another program finished have no outcome: they failed.
SELECT {{job_columns}} FROM worker_jobs
WHERE finished IS NOT NULL AND success IS NOT TRUE AND coalesce(outcome, 'failed') = $8
  AND {{list_filter}}
ORDER BY coalesce(outcome, 'failed') DESC, id DESC LIMIT $7
