-- Only in SQLite because others that record may wait for these rows in PostgreSQL, and for them in turn if the order is not that of ids:
-- consecutive ones that end alike, for half the price of their values one by one. How many it wrote tells whether all were written.
UPDATE worker_jobs NOT INDEXED
SET finished = $10, updated_at = $10, success = $3, outcome = $4, reason = $5, result = $6, crash_count = max(crash_count, $7),
  remove_at = CASE WHEN persistent THEN NULL ELSE $10 + coalesce(remove_delay * 1000, $8) END
WHERE id BETWEEN $1 AND $11 AND claim_seq = $2 AND claimed_by IS NOT NULL AND ($9 = 0 OR claimed_by = $9)
  AND started IS NOT NULL AND finished IS NULL
