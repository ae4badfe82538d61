DELETE FROM worker_jobs WHERE id = $1::bigint AND (started IS NULL OR finished IS NOT NULL)
