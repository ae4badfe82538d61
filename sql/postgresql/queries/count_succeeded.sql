-- The order names the index to read; it costs nothing.
SELECT count(*) FROM (
  SELECT FROM worker_jobs WHERE finished IS NOT NULL AND success ORDER BY {{removal_time}} LIMIT $1) counted
