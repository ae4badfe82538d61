UPDATE worker_jobs SET progress = $3
WHERE id = $1::bigint AND claim_seq = $2 AND claimed_by IS NOT NULL AND {{still_started}}
