{{waiting_types}}
SELECT job.id FROM waiting_type CROSS JOIN LATERAL (
  SELECT id FROM worker_jobs
  WHERE type = waiting_type.type AND tag = $1 AND {{waiting_by_type}} OFFSET 0) job
ORDER BY job.id LIMIT 1
