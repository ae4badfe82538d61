-- Only in SQLite because PostgreSQL's claim_jobs does both: what due_jobs has found in this transaction.
UPDATE worker_jobs NOT INDEXED SET started = $3, updated_at = $3, claimed_by = $4, claim_seq = claim_seq + 1
WHERE id BETWEEN $1 AND $2
