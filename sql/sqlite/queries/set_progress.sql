UPDATE worker_jobs SET progress = $3 WHERE id = $1 AND claim_seq = $2 AND started IS NOT NULL AND finished IS NULL
