-- Only in SQLite because PostgreSQL's claim_jobs writes and returns rows at once: what a claim takes, without what it says. Nobody else
-- writes meanwhile, so that others wait for as little as can be; claimed_rows is asked when they write again.
SELECT id, claim_seq + 1
FROM worker_jobs
WHERE started IS NULL AND queue = $1 AND priority = $2 AND due <= $3
  AND NOT is_in_runs($6, id)
  AND type IN (SELECT value FROM json_each($4))
ORDER BY due, id LIMIT $5
