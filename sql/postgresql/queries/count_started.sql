-- The order names the index to read; it costs nothing.
SELECT count(*) FROM (
  SELECT FROM worker_jobs WHERE started IS NOT NULL AND finished IS NULL ORDER BY claimed_by, id LIMIT $1) counted
