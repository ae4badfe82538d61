DELETE FROM worker_jobs WHERE id = $1 AND (started IS NULL OR finished IS NOT NULL)
