-- The claim is written as if it had been all along.
UPDATE worker_jobs SET started = $3, updated_at = $3, claimed_by = $4, claim_seq = claim_seq + 1
WHERE id = $1 AND claim_seq = $2 - 1 AND started IS NULL AND finished IS NULL
