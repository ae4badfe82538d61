UPDATE worker_jobs SET cancel_requested = true, updated_at = $2 WHERE id = $1::bigint AND {{still_started}}
