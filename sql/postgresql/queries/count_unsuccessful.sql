-- The order names the index to read; it costs nothing. Rows that another program finished have no outcome: they failed.
SELECT count(*) FROM (
  SELECT FROM worker_jobs WHERE finished IS NOT NULL AND success IS NOT TRUE AND coalesce(outcome, 'failed') = $2
  ORDER BY coalesce(outcome, 'failed'), id LIMIT $1) counted
