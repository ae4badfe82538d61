SELECT started IS NOT NULL, finished IS NOT NULL AND ($3 = 0 OR claimed_by IS $3) FROM worker_jobs WHERE id = $1 AND claim_seq = $2
