SELECT started IS NOT NULL, finished IS NOT NULL FROM worker_jobs WHERE id = $1::bigint AND claim_seq = $2
