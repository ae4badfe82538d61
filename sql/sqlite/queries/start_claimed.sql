-- Only in SQLite because PostgreSQL's claim_jobs does both.
UPDATE worker_jobs
SET started = $3, updated_at = $3, claimed_by = $6, claim_seq = claim_seq + 1
WHERE id IN (
  SELECT id FROM worker_jobs
  WHERE started IS NULL AND queue = $1 AND priority = $2 AND due <= $3 AND type IN (SELECT value FROM json_each($4))
  ORDER BY due, id LIMIT $5)
