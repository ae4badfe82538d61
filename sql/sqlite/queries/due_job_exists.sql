SELECT 1 FROM worker_jobs
WHERE started IS NULL AND queue = $1 AND priority = $2 AND due <= $3 AND due >= $5 AND (due > $5 OR id >= $6)
  AND type IN (SELECT value FROM json_each($4))
LIMIT 1
