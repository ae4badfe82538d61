{{waiting_types}}
SELECT job.id FROM waiting_type JOIN worker_jobs job ON job.type = waiting_type.type AND job.tag = $1 AND job.started IS NULL
ORDER BY job.id LIMIT 1
