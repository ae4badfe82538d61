-- The order names the index to read; it costs nothing.
SELECT count(*) FROM (
  SELECT FROM worker_jobs WHERE started IS NULL AND finished IS NULL ORDER BY queue, priority, due, id LIMIT $1) counted
