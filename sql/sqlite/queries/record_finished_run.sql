-- Only in SQLite because others that record may wait for these rows in PostgreSQL, and for them in turn if the order is not that of ids:
-- consecutive ones that end alike, for half the price of their values one by one. How many it wrote tells whether all were written.
UPDATE worker_jobs NOT INDEXED
SET finished = $11, updated_at = $11, success = $4, outcome = $5, reason = $6, result = $7, crash_count = max(crash_count, $8),
  remove_at = CASE WHEN persistent THEN NULL ELSE $11 + coalesce(remove_delay * 1000, $9) END
WHERE id BETWEEN $1 AND $2 AND claim_seq = $3 AND claimed_by IS NOT NULL AND ($10 = 0 OR claimed_by = $10)
  AND started IS NOT NULL AND finished IS NULL
