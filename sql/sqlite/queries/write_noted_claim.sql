-- Only in SQLite because a lock does it in PostgreSQL: what somebody holds is a running job for whoever decides about it.
UPDATE worker_jobs SET started = $2, updated_at = $2, claimed_by = ({{noted_holder}}), claim_seq = claim_seq + 1
WHERE id = $1 AND started IS NULL AND finished IS NULL AND EXISTS ({{noted_holder}})
