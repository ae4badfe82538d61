UPDATE worker_jobs SET cancel_requested = 1, updated_at = $2 WHERE id = $1 AND started IS NOT NULL AND finished IS NULL
