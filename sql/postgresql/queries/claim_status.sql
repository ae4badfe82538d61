SELECT started IS NOT NULL, finished IS NOT NULL AND ($3::bigint = 0 OR claimed_by IS NOT DISTINCT FROM $3) FROM worker_jobs WHERE id = $1::bigint AND claim_seq = $2
