DELETE FROM worker_jobs WHERE id IN (
  SELECT id FROM worker_jobs
  WHERE finished IS NOT NULL AND persistent = 0 AND remove_at <= $1 AND id <> $2
  ORDER BY remove_at LIMIT $3)
