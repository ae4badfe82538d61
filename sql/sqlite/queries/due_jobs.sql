-- Only in SQLite because PostgreSQL's claim_jobs writes and returns rows at once: what a claim takes, without what it says. Nobody else
-- writes meanwhile, so that others wait for as little as can be; claimed_rows is asked when they write again.
WITH left_alone (first, last) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM json_each($6))
SELECT id, claim_seq + 1
FROM worker_jobs
WHERE started IS NULL AND queue = $1 AND priority = $2 AND due <= $3
  AND NOT EXISTS (SELECT 1 FROM left_alone WHERE worker_jobs.id BETWEEN first AND last)
  AND type IN (SELECT value FROM json_each($4))
ORDER BY due, id LIMIT $5
