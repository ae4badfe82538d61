SELECT due FROM worker_jobs
WHERE started IS NULL AND finished IS NULL AND queue = $1 AND priority = $2 AND due > $3
ORDER BY due, id LIMIT 1
